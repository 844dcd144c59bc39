"""Measuring energies block by block.

blocks     |-------|-------|-------|-------|---|
frames     |-----------|-----------|-----------|- - -        one second each
kept       Sums        Sums        Sums        Sums          a few numbers a frame
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from auralflow.metrics.meter import Readings
from auralflow.metrics.sums import Sums, audio_sums, frames_that_count, is_silent

__all__ = ["EnergyMeter"]

Ratio = Callable[[Sums], Float[Tensor, "..."]]
"""Decibels from sums; NaN where the reference is silent, so that there is nothing to measure."""

_PIECE = 8192
"""Samples summed at once: in float64 they still fit the processor's cache, which is three times as fast."""


@dataclass
class _Frame:
    """What is kept of up to one second: sums of estimate and mixture against each source, and who is silent."""

    sources: int
    samples: int = 0
    sums: Sums = field(init=False)
    """Each "2 S": the estimates first, then the mixture in their place."""
    silent: Bool[Tensor, "3 S"] = field(init=False)
    """References, estimates, mixture."""

    def __post_init__(self) -> None:
        zeros = torch.zeros(2, self.sources, dtype=torch.float64)
        self.sums = Sums(*(zeros for _ in Sums._fields))
        self.silent = torch.ones(3, self.sources, dtype=torch.bool)

    def add(self, estimate: Tensor, reference: Tensor, mixture: Tensor) -> None:
        as_estimates = mixture.expand_as(estimate)
        pairs = zip(
            audio_sums(estimate, reference), audio_sums(as_estimates, reference), strict=True
        )
        self.sums = _added(self.sums, Sums(*(torch.stack(pair).cpu() for pair in pairs)))
        if self.silent.any():
            self.silent &= torch.stack(
                [is_silent(x).cpu() for x in (reference, estimate, as_estimates)]
            )
        self.samples += estimate.shape[-1]


class EnergyMeter:
    """Sums of energies, by frame and in all, in memory that does not grow with the samples.

    Frames are one second long and do not overlap, as museval's are. What remains after the last full frame counts for
    the whole track only; a track shorter than a frame is one frame.
    """

    def __init__(self, sources: int, sample_rate: int) -> None:
        self._sources = sources
        self._length = sample_rate
        self._full: list[_Frame] = []
        self._open = _Frame(sources)

    def update(
        self,
        estimate: Float[Tensor, "S C T"],
        reference: Float[Tensor, "S C T"],
        mixture: Float[Tensor, "C T"],
    ) -> None:
        """Add the next block of the track."""
        start = 0
        while start < estimate.shape[-1]:
            missing = self._length - self._open.samples
            span = slice(start, start + min(missing, _PIECE))
            self._open.add(estimate[..., span], reference[..., span], mixture[..., span])
            start = span.stop
            if self._open.samples == self._length:
                self._full.append(self._open)
                self._open = _Frame(self._sources)

    def of_track(self, ratio: Ratio) -> Readings:
        """A ratio of the whole track's energies."""
        sums = _stacked([*self._full, self._open])
        estimate, mixture = ratio(Sums(*(part.sum(-1, keepdim=True) for part in sums)))
        return Readings(estimate, mixture)

    def of_frames(self, ratio: Ratio) -> Readings:
        """A ratio of the energies in each second, where it counts: see `frames_that_count`."""
        frames = self._full or [self._open]
        silent = torch.stack([frame.silent for frame in frames], -1)
        counts, heard = frames_that_count(silent[0], silent[1]), ~silent[2]
        estimate, mixture = ratio(_stacked(frames))
        return Readings(
            torch.where(counts, estimate, torch.nan), torch.where(heard, mixture, torch.nan)
        )


def _added(one: Sums, other: Sums) -> Sums:
    return Sums(*(a + b for a, b in zip(one, other, strict=True)))


def _stacked(frames: Sequence[_Frame]) -> Sums:
    """The sums of all frames, each "2 S N"."""
    return Sums(*(torch.stack(part, -1) for part in zip(*(f.sums for f in frames), strict=True)))
