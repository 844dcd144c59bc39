"""The optimisers by name."""

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from auralflow.errors import MissingExtraError
from auralflow.settings import TrainConfig

__all__ = ["create_optimiser", "decay_groups"]

_FUSED = ("adam", "adamw", "sgd")


def create_optimiser(config: TrainConfig, weights: Iterable[tuple[str, nn.Parameter]]) -> Optimizer:
    """The optimiser that `optim` names, for those of the named weights that are to be learnt.

    Its step is one kernel where torch has such and gradients can be clipped before it.

    Raises `MissingExtraError` for an optimiser whose package is not installed.
    """
    learnt = [(name, weight) for name, weight in weights if weight.requires_grad]
    groups = decay_groups(learnt, config.weight_decay)
    options: dict[str, Any] = {"lr": config.lr}
    if config.optim == "sgd":
        options["momentum"] = config.momentum
    if config.optim in _FUSED and _can_be_fused(config, [weight for _, weight in learnt]):
        options["fused"] = True
    return _class_of(config.optim)(groups, **options)


def _can_be_fused(config: TrainConfig, weights: Sequence[nn.Parameter]) -> bool:
    """Not where gradients are scaled, which the kernel would undo itself, behind whoever looks at them or clips them.

    Lightning refuses to clip before such a kernel in any mixed precision.
    """
    if config.precision == "float16" or (config.precision == "bfloat16" and config.clip_norm):
        return False
    return {weight.device.type for weight in weights} <= {"cpu", "cuda"}


def decay_groups(
    weights: Iterable[tuple[str, nn.Parameter]], weight_decay: float
) -> list[dict[str, Any]]:
    """The weights in two groups: matrices and kernels, which decay, and vectors, which do not.

    The scales and offsets of norms and layers are vectors. Pulling them to zero changes what a layer says, not how complex
    it is. Without decay all are one group.
    """
    named = list(weights)
    if weight_decay == 0:
        return [{"params": [weight for _, weight in named], "weight_decay": 0.0}]
    decayed = [weight for _, weight in named if weight.ndim > 1]
    others = [weight for _, weight in named if weight.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]


def _class_of(name: str) -> type[Optimizer]:
    known: dict[str, type[Optimizer]] = {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "radam": torch.optim.RAdam,
        "sgd": torch.optim.SGD,
    }
    if name in known:
        return known[name]
    try:
        found: type[Optimizer] = import_module("prodigyopt").Prodigy
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"optim is {name}, and the package prodigyopt, which has it, is not installed: "
            'run pip install "auralflow[prodigy]"'
        ) from error
    return found
