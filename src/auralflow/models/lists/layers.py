"""Entries into modules that keep the number of features: norms, activations, dropout, pooling.

All take and give features `B K T` on audio and `B K F N` on spectrograms.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from auralflow.errors import ModelError
from auralflow.models.lists.entries import Entry

__all__ = ["Decimate", "FeatureNorm", "GroupNorm", "pair", "plain_layer"]


def pair(value: Any, dims: int, entry: Entry) -> tuple[int, ...]:
    """A length for each of `dims` directions; a pair is refused on audio, which has one."""
    if not isinstance(value, tuple):
        return (value,) * dims
    if dims == 1:
        raise ModelError(
            f"{entry.place} gives a pair, but audio has one direction: give one number for samples"
        )
    return value


class Decimate(nn.Module):
    """Keeps the first of every `factors` values in each direction."""

    def __init__(self, factors: tuple[int, ...]) -> None:
        super().__init__()
        self.factors = factors

    def forward(self, features: Tensor) -> Tensor:
        """Features of a lower resolution."""
        if len(self.factors) == 1:
            return features[..., :: self.factors[0]]
        return features[..., :: self.factors[0], :: self.factors[1]]


class FeatureNorm(nn.LayerNorm):
    """Zero mean and unit variance over the features at every place on its own."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  (torch's name)
        """Features normed along dimension 1."""
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)


class GroupNorm(nn.GroupNorm):
    """Zero mean and unit variance over groups of features and all places of each item of a batch.

    A group of one value, such as a single sample's at the deepest level, becomes its offset; torch's module refuses it.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  (torch's name)
        """Features normed in `num_groups` groups along dimension 1."""
        if not input.requires_grad:
            # Torch 2.13 dies of a segmentation fault in the backward pass of interleaved channels that want no gradient. A
            # single channel is interleaved and contiguous at once: only a clone is free of it.
            input = input.clone(memory_format=torch.contiguous_format)  # noqa: A001  (torch's name)
        return torch.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


def plain_layer(entry: Entry, features: int, dims: int) -> nn.Module:
    """The module of a norm, an activation, a dropout or a pooling."""
    values = entry.values
    if entry.role == "down":
        return _pooling(entry.layer, pair(values["factor"], dims, entry))
    if entry.layer == "group_norm" and features % values["groups"]:
        raise ModelError(
            f"{entry.place} makes {values['groups']} groups of {features} features, which cannot be shared out evenly: "
            "choose a number that divides all levels' features"
        )
    if entry.layer in _NORMS:
        return _NORMS[entry.layer](features, dims, values)
    return _ACTIVATIONS[entry.layer](values)


Values = Mapping[str, Any]

_NORMS: Mapping[str, Callable[[int, int, Values], nn.Module]] = {
    "batch_norm": lambda features, dims, _: (nn.BatchNorm1d if dims == 1 else nn.BatchNorm2d)(
        features
    ),
    # Each feature is a group of its own.
    "instance_norm": lambda features, _, __: GroupNorm(features, features),
    "layer_norm": lambda features, _, __: FeatureNorm(features),
    "group_norm": lambda features, _, values: GroupNorm(values["groups"], features),
}

_ACTIVATIONS: Mapping[str, Callable[[Values], nn.Module]] = {
    "dropout": lambda values: nn.Dropout(values["share"]),
    "relu": lambda _: nn.ReLU(),
    "leaky_relu": lambda values: nn.LeakyReLU(values["slope"]),
    "prelu": lambda values: nn.PReLU(init=values["slope"]),
    "elu": lambda values: nn.ELU(values["alpha"]),
    "gelu": lambda _: nn.GELU(),
    "selu": lambda _: nn.SELU(),
    "silu": lambda _: nn.SiLU(),
    "tanh": lambda _: nn.Tanh(),
    "sigmoid": lambda _: nn.Sigmoid(),
    "glu": lambda _: nn.GLU(dim=1),
}


def _pooling(layer: str, factors: tuple[int, ...]) -> nn.Module:
    if layer == "decimate":
        return Decimate(factors)
    if len(factors) == 1:
        return (nn.MaxPool1d if layer == "max_pool" else nn.AvgPool1d)(factors[0])
    if layer == "max_pool":
        return nn.MaxPool2d((factors[0], factors[1]))
    return nn.AvgPool2d((factors[0], factors[1]))
