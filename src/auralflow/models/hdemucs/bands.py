"""Levels whose weights are another for each band of the spectrum.

Source: `MultiWrap` of demucs.hdemucs (MIT licence). Names of weights and answers are theirs; written anew.
"""

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.errors import ModelError
from auralflow.models.hdemucs.levels import DecoderLevel, EncoderLevel
from auralflow.models.hdemucs.shapes import LevelShape

__all__ = ["DecoderBands", "EncoderBands"]


class EncoderBands(nn.Module):
    """An encoder level for each band. Kernels reach over the edges, so that equal weights make one level of all.

    bins      ·─────────────────────·
    band 0  ▒▒├───────┤
    band 1        ├───────────┤
    band 2                ├─────────┤▒▒       ▒ silence beyond the spectrum
    """

    def __init__(self, levels: list[EncoderLevel], shape: LevelShape) -> None:
        """`levels` have no padding of their own."""
        super().__init__()
        self.layers = nn.ModuleList(levels)
        self.silence = shape.spectral.padding
        self.reaches = _reaches(shape)

    def forward(self, features: Tensor) -> Tensor:
        """Features of this level."""
        padded = F.pad(features, (0, 0, self.silence, self.silence))
        inner = [
            level(padded[:, :, start:end])
            for level, (start, end) in zip(self.layers, self.reaches, strict=True)
        ]
        return torch.cat(inner, dim=2)


class DecoderBands(nn.Module):
    """A decoder level for each band. Where what two of them make overlaps, it is added."""

    def __init__(self, levels: list[DecoderLevel], shape: LevelShape) -> None:
        """`levels` have no padding of their own, and are the last ones for themselves: GELU follows on their sum."""
        super().__init__()
        self.layers = nn.ModuleList(levels)
        self.overlap = shape.spectral.kernel - shape.spectral.stride
        self.uncut = shape.spectral.padding
        self.last = levels[0].last
        self.cuts = _cuts(shape.bins // shape.spectral.stride, shape)

    def forward(
        self, features: Tensor, length: int, skip: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Features of the level outside, `length` bins of them, with its skip; and those that came in."""
        pieces: list[Tensor] = []
        levels = cast("list[DecoderLevel]", list(self.layers))
        for level, (start, end) in zip(levels, self.cuts, strict=True):
            band = level.raised(level.refined(features[:, :, start:end]))
            if pieces:
                # Both bands have added their offset to what they share.
                shared = pieces.pop() + band[:, :, : self.overlap]
                if level.conv_tr.bias is not None:
                    shared = shared - level.conv_tr.bias[:, None, None]
                pieces.append(shared)
                band = band[:, :, self.overlap :]
            pieces += [band[:, :, : -self.overlap], band[:, :, -self.overlap :]]
        outer = torch.cat(pieces, dim=2).narrow(2, self.uncut, length)
        outer = outer if self.last else F.gelu(outer)
        return outer if skip is None else outer + skip, features


def _cuts(bins: int, shape: LevelShape) -> list[tuple[int, int]]:
    """Begin and end of each band among so many bins."""
    return list(pairwise([0, *(round(bins * share) for share in shape.bands), bins]))


def _reaches(shape: LevelShape) -> list[tuple[int, int]]:
    """What the kernels of each band see, counted in padded bins."""
    kernel, stride, padding = (
        shape.spectral.kernel,
        shape.spectral.stride,
        shape.spectral.kernel // 4,
    )
    reaches = []
    start = 0
    for share in shape.bands:
        limit = round(shape.bins * share) + padding
        places = round((limit - start - kernel) / stride + 1)
        end = start + (places - 1) * stride + kernel
        reaches.append((start, end))
        start = end - kernel + stride
    reaches.append((start, shape.bins + 2 * padding))
    if any(end - begin < kernel for begin, end in reaches) or any(
        begin >= end for begin, end in _cuts(shape.bins // stride, shape)
    ):
        raise ModelError(
            f"multi-freqs is {list(shape.bands)}, which leaves a band of the level with {shape.bins} bins without any: "
            "move the shares apart, or lower multi-freqs-depth"
        )
    return reaches
