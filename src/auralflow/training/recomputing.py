"""Activation checkpointing: what a level computes inside is forgotten, and computed again on the way back."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from auralflow.errors import ConfigError
from auralflow.models.base import Separator
from auralflow.models.catalogue import ARCHITECTURES

__all__ = ["recompute_activations"]


def recompute_activations(network: Separator) -> None:
    """Have the parts of a network that offer it keep only what goes in, and compute the rest again in the backward pass.

    Gradients are the same: dropout draws the same numbers again, and norms over the batch take its statistics into their
    running ones once. Names of weights stay the same; in eval, and without gradients, nothing changes.

    Raises `ConfigError` for a network that has no such parts, with those that have.

    Source: Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016.
    """
    parts = list(network.recomputed())
    if not parts:
        able = [
            entry.name
            for entry in ARCHITECTURES
            if entry.load().recomputed is not Separator.recomputed
        ]
        raise ConfigError(
            f"recompute-activations is on, which {type(network).__name__} does not offer: turn it off, or choose one of "
            f"{', '.join(able)}"
        )
    for part in parts:
        part.forward = _recomputed_in_training(part)


def _recomputed_in_training(part: nn.Module) -> Callable[..., Any]:
    plain = part.forward
    contexts = partial(_contexts, part)

    def forward(*features: Any) -> Any:
        if not (part.training and torch.is_grad_enabled()):
            return plain(*features)
        return checkpoint(plain, *features, use_reentrant=False, context_fn=contexts)

    return forward


def _contexts(
    part: nn.Module,
) -> tuple[contextlib.AbstractContextManager[None], contextlib.AbstractContextManager[None]]:
    """What surrounds the first computation, and the second."""
    return contextlib.nullcontext(), _with_copied_buffers(part)


@contextlib.contextmanager
def _with_copied_buffers(part: nn.Module) -> Iterator[None]:
    """Let running statistics be changed in copies, which are thrown away.

    Not written back in place: autograd would take that for a change of what it has kept.
    """
    norms = [layer for layer in part.modules() if isinstance(layer, nn.modules.batchnorm._NormBase)]
    kept = [dict(norm._buffers) for norm in norms]
    for norm in norms:
        for name, buffer in norm._buffers.items():
            norm._buffers[name] = None if buffer is None else buffer.clone()
    try:
        yield
    finally:
        for norm, buffers in zip(norms, kept, strict=True):
            norm._buffers.update(buffers)
