"""Layers that treat each frequency bin on its own."""

import torch
from torch import Tensor, nn

__all__ = ["BinAffine", "BinNorm"]

_QUIETEST = 1e-4


class BinNorm(nn.Module):
    """Log magnitudes with zero mean and unit variance in every bin, by statistics gathered in training.

    Music falls by some 60 dB from the bass to the top, and a convolution shares its weights over all bins: without
    this it sees the bass only. Magnitudes below 1e-4 (a sine at -100 dB) count as silence.
    """

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(bins, affine=False)

    def forward(self, magnitude: Tensor) -> Tensor:
        """Features `B C F N` of magnitudes `B C F N`."""
        batch, channels, bins, frames = magnitude.shape
        level = torch.log(magnitude.clamp_min(_QUIETEST))
        normed: Tensor = self.norm(level.reshape(batch * channels, bins, frames))
        return normed.reshape(batch, channels, bins, frames)


class BinAffine(nn.Module):
    """A learned scale and offset for every bin."""

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(bins, 1))
        self.offset = nn.Parameter(torch.zeros(bins, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Features `B C F N` in and out."""
        return features * self.scale + self.offset
