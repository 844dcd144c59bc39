"""Small networks and parts of networks from lists, for the tests of this folder."""

from typing import Any

import torch
from torch import Tensor, nn

from auralflow.models.build import AdaptiveUNet
from auralflow.models.lists.entries import read_entries
from auralflow.models.lists.levels import Bottleneck, Planes

__all__ = ["CONVS", "POOLED", "UP", "adaptive", "all_of", "layer", "noise"]

SIGNAL: dict[str, Any] = {
    "sample_rate": 8000,
    "num_fft": 64,
    "window_size": 64,
    "hop_length": 48,
    "channels": 1,
}
POOLED: list[list[Any]] = [["conv", 3], ["relu"], ["max_pool", 2]]
UP: list[list[Any]] = [["transpose_conv", 2], ["conv", 3], ["relu"]]
CONVS = (nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d)


def adaptive(**keys: Any) -> AdaptiveUNet:
    """A network of two levels of 4 and 8 features that pools, where the keys say nothing else."""
    given = {"max_layers": 2, "init_features": 4, "encoder": POOLED, "decoder": UP, **SIGNAL}
    return AdaptiveUNet(**{**given, **keys})


def layer(*entry: Any, features: int = 8, bins: int | None = None) -> nn.Module:
    """The module of one entry at a place of so many features and bins."""
    stack = Bottleneck(read_entries("bottleneck", [list(entry)]), Planes(features, bins))
    return stack.layers[0]


def noise(features: int = 8, bins: int | None = None, *, batch: int = 2, places: int = 6) -> Tensor:
    """Features as they are at such a place."""
    return torch.randn(batch, features, *([] if bins is None else [bins]), places)


def all_of(module: nn.Module, kind: type[nn.Module] | tuple[type[nn.Module], ...]) -> list[Any]:
    """The parts of a kind, in their order."""
    return [part for part in module.modules() if isinstance(part, kind)]
