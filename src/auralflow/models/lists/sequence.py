"""Layers that look along time: recurrent ones and self-attention."""

import math

import torch
from torch import Tensor, nn

from auralflow.errors import ModelError
from auralflow.models.lists.entries import Entry
from auralflow.models.tracing import run_cells

__all__ = ["Attention", "Recurrent", "sequence_layer"]


def sequence_layer(entry: Entry, features: int, bins: int | None) -> nn.Module:
    """The module of an `lstm`, a `gru` or an `attention`; `bins` are those at this depth of a spectrogram."""
    if entry.layer == "attention":
        heads = entry.values["heads"]
        if features % heads:
            raise ModelError(
                f"{entry.place} shares {features} features among {heads} heads: choose a number that divides them"
            )
        return Attention(features, heads=heads)
    return Recurrent(
        entry.layer,
        features * (bins or 1),
        hidden=features,
        layers=entry.values["layers"],
        bidirectional=entry.values["bidirectional"],
    )


class Recurrent(nn.Module):
    """LSTM or GRU over time, never over the batch, and a linear layer back to the width that came in.

    On a spectrogram all bins and features of a frame are one vector, so that the layer sees the whole spectrum.
    """

    def __init__(
        self, kind: str, width: int, *, hidden: int, layers: int, bidirectional: bool
    ) -> None:
        super().__init__()
        cell = nn.LSTM if kind == "lstm" else nn.GRU
        each = max(1, hidden // 2) if bidirectional else hidden
        self.cells = cell(width, each, layers, batch_first=True, bidirectional=bidirectional)
        self.back = nn.Linear(each * (2 if bidirectional else 1), width)

    def forward(self, features: Tensor) -> Tensor:
        """Features `B K T` or `B K F N` in and out."""
        frames = features.flatten(1, -2).transpose(1, 2)
        answer: Tensor = self.back(run_cells(self.cells, frames))
        return answer.transpose(1, 2).reshape(features.shape)


class Attention(nn.Module):
    """Each place looks at all others, added to what came in; places are told apart by sines and cosines.

    Source: Vaswani et al., "Attention Is All You Need", NeurIPS 2017, with the norm in front.
    """

    def __init__(self, features: int, *, heads: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.attention = nn.MultiheadAttention(features, heads, batch_first=True)

    def forward(self, features: Tensor) -> Tensor:
        """Features `B K T` or `B K F N` in and out."""
        sizes = features.shape[2:]
        places = features.flatten(2).transpose(1, 2)
        normed = self.norm(places) + _positions(sizes, places)
        answer: Tensor = self.attention(normed, normed, normed, need_weights=False)[0]
        seen = (places + answer).transpose(1, 2)
        return seen.reshape(features.shape)


def _positions(sizes: torch.Size, like: Tensor) -> Tensor:
    """Sines and cosines of the place in each direction, summed: `(places, features)`."""
    width = like.shape[-1]
    half = -(-width // 2)
    rates = torch.exp(torch.arange(half, device=like.device) * (-math.log(1e4) / half))
    total = torch.zeros(*sizes, 2 * half, device=like.device)
    for direction, size in enumerate(sizes):
        angles = torch.arange(size, device=like.device)[:, None] * rates
        waves = torch.cat([angles.sin(), angles.cos()], -1)
        shape = [1] * len(sizes) + [2 * half]
        shape[direction] = size
        # Directions are told apart by the order of the waves.
        total = total + waves.roll(direction * half, -1).reshape(shape)
    return total.reshape(-1, 2 * half)[:, :width].to(like.dtype)
