"""Fine-tuning by low-rank changes: what is changed, what is learnt whole beside, and what rests."""

import logging
from collections.abc import Sequence
from fnmatch import fnmatchcase

import torch
from torch import nn

from auralflow.config.layers import did_you_mean
from auralflow.errors import ConfigError
from auralflow.models.base import Separator
from auralflow.models.layers.attention import Attending
from auralflow.models.layers.low_rank import add_low_rank
from auralflow.settings.train import LoraConfig

__all__ = ["adapt"]

log = logging.getLogger(__name__)


def adapt(
    network: Separator, config: LoraConfig, *, fresh: Sequence[str] = (), seed: int = 0
) -> None:
    """Freeze a network but for low-rank changes of some weights, and those that are to be learnt whole.

    Without patterns the changed weights are the projections of every attention layer. `fresh` are the weights that nothing
    was taken over for: one that would rest at its random values is an error.

    Raises `ConfigError` for a network without attention, for patterns that match nothing, and for such fresh weights.
    """
    if not config.rank:
        return
    changed = _matching(config.layers, _matrices(network), "layers") or _projections(network)
    if not changed:
        raise ConfigError(
            f"lora is for layers of attention, and {type(network).__name__} has none: name other weights with "
            "lora.layers, or set lora.rank to 0"
        )
    names = [name for name, _ in network.named_parameters() if name not in changed]
    whole = _matching(config.whole, names, "whole")
    resting = [name for name in fresh if name in names and name not in whole]
    if resting:
        raise ConfigError(
            f"lora would keep {len(resting)} weights at random values that start-from has nothing for "
            f"({', '.join(resting[:3])}{' and more' if len(resting) > 3 else ''}): name them in lora.whole"
        )
    for weight in network.parameters():
        weight.requires_grad_(False)
    for name in whole:
        network.get_parameter(name).requires_grad_(True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        add_low_rank(network, changed, rank=config.rank, alpha=config.alpha)
    learnt = sum(weight.numel() for weight in network.parameters() if weight.requires_grad)
    log.info(
        "Learning %s parameters: changes of rank %d in %d weights%s",
        f"{learnt:,}",
        config.rank,
        len(changed),
        f", and {len(whole)} weights whole" if whole else "",
    )


def _projections(network: nn.Module) -> list[str]:
    """The weights of attention layers that make queries, keys, values and answers."""
    return [
        f"{name}.{weight}"
        for name, module in network.named_modules()
        if isinstance(module, Attending)
        for weight in module.projections
    ]


def _matrices(network: nn.Module) -> list[str]:
    """All weights that can be changed; those of recurrent layers are bound together in one piece of memory."""
    recurrent = tuple(
        f"{name}." for name, module in network.named_modules() if isinstance(module, nn.RNNBase)
    )
    return [
        name
        for name, weight in network.named_parameters()
        if weight.ndim > 1 and not name.startswith(recurrent)
    ]


def _matching(patterns: Sequence[str], names: Sequence[str], key: str) -> list[str]:
    """The names that any of the patterns matches. Raises `ConfigError` for one that matches none."""
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            starts = sorted({name.partition(".")[0] for name in names})
            raise ConfigError(
                f"lora.{key} has {pattern}, which matches no weight that it could be"
                f"{did_you_mean(pattern.partition('.')[0], starts)}: the names begin with {', '.join(starts)}"
            )
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]
