"""Measuring a track block by block.

blocks     |-------|-------|-------|-------|---|
frames     |-----------|-----------|-----------|- - -        one second each
kept       Sums        Sums        Sums        Sums          a few numbers a frame
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from auralflow.errors import ModelError
from auralflow.metrics.catalogue import METRICS
from auralflow.metrics.metric import Metric
from auralflow.metrics.scores import Score, TrackScores
from auralflow.metrics.sdr import frames_that_count
from auralflow.metrics.sums import Sums, audio_sums, is_silent

__all__ = ["EnergyRatios"]

Block = Float[np.ndarray, "S C T"] | Float[Tensor, "S C T"]
MixtureBlock = Float[np.ndarray, "C T"] | Float[Tensor, "C T"]

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
        self.sums = _added(self.sums, Sums(*(torch.stack(pair) for pair in pairs)))
        if self.silent.any():
            self.silent &= torch.stack([is_silent(x) for x in (reference, estimate, as_estimates)])
        self.samples += estimate.shape[-1]


class EnergyRatios:
    """Every metric of the catalogue for one track, from blocks of any size, in memory that does not grow with them.

    Frames are one second long and do not overlap, as museval's are. What remains after the last full frame counts for
    the metrics of the whole track only; a track shorter than a frame is one frame.
    """

    def __init__(self, sources: Sequence[str], sample_rate: int) -> None:
        if not sources or sample_rate < 1:
            raise ModelError(
                f"sources are {list(sources)} at {sample_rate} Hz: name at least one source and a rate"
            )
        self.sources = tuple(sources)
        self.sample_rate = sample_rate
        self._full: list[_Frame] = []
        self._open = _Frame(len(self.sources))

    def update(self, estimate: Block, reference: Block, mixture: MixtureBlock) -> None:
        """Add the next block of the track: the same sources, channels and samples in all three.

        Raises `ModelError` for shapes that do not fit, and for an estimate with NaN or infinity in it, which would
        otherwise pass for silence.
        """
        estimates, references, mixtures = map(_tensor, (estimate, reference, mixture))
        self._check_shapes(estimates, references, mixtures)
        start = 0
        while start < estimates.shape[-1]:
            missing = self.sample_rate - self._open.samples
            span = slice(start, start + min(missing, _PIECE))
            self._open.add(estimates[..., span], references[..., span], mixtures[..., span])
            self._check_finite(self._open.sums)
            start = span.stop
            if self._open.samples == self.sample_rate:
                self._full.append(self._open)
                self._open = _Frame(len(self.sources))

    def result(self) -> TrackScores:
        """The scores of all that was added so far; more may be added afterwards."""
        every = [*self._full, self._open]
        frames = self._full or every
        samples = sum(frame.samples for frame in every)
        framed = _stacked(frames)
        whole = Sums(*(part.sum(-1, keepdim=True) for part in _stacked(every)))
        silent = torch.stack([frame.silent for frame in frames], -1)
        counts, heard = frames_that_count(silent[0], silent[1]), ~silent[2]
        always = torch.ones(len(self.sources), 1, dtype=torch.bool)
        scores = {
            source: {
                name: _score(metric, _of(framed, row), counts[row], heard[row])
                if metric.framewise
                else _score(metric, _of(whole, row), always[row], always[row])
                for name, metric in METRICS.items()
            }
            for row, source in enumerate(self.sources)
        }
        return TrackScores(samples / self.sample_rate, scores)

    def _check_shapes(self, estimate: Tensor, reference: Tensor, mixture: Tensor) -> None:
        wanted = (len(self.sources), *mixture.shape)
        if not tuple(estimate.shape) == tuple(reference.shape) == wanted or mixture.ndim != 2:
            raise ModelError(
                f"the estimate has shape {tuple(estimate.shape)}, the reference "
                f"{tuple(reference.shape)} and the mixture {tuple(mixture.shape)}: give "
                f"({len(self.sources)}, channels, samples) twice and (channels, samples)"
            )

    def _check_finite(self, sums: Sums) -> None:
        bad = ~torch.isfinite(sums.error)
        if bad.any():
            row, column = (int(part) for part in bad.nonzero()[0])
            what = "the mixture" if row else f"the estimate of {self.sources[column]}"
            raise ModelError(
                f"{what}, or its reference, is not a number in second {len(self._full)} of the "
                "track: train with a lower lr, or look for NaN in the audio"
            )


def _tensor(block: Block | MixtureBlock) -> Tensor:
    """The block as a tensor; numpy's are copied, since torch warns of those that cannot be written to."""
    if isinstance(block, Tensor):
        return block.detach()
    return torch.from_numpy(np.array(block, dtype=np.float64))


def _added(one: Sums, other: Sums) -> Sums:
    return Sums(*(a + b for a, b in zip(one, other, strict=True)))


def _stacked(frames: Sequence[_Frame]) -> Sums:
    """The sums of all frames, each "2 S N"."""
    return Sums(*(torch.stack(part, -1) for part in zip(*(f.sums for f in frames), strict=True)))


def _of(sums: Sums, row: int) -> Sums:
    """The sums of one source, each "2 N"."""
    return Sums(*(part[:, row] for part in sums))


def _score(
    metric: Metric, sums: Sums, counts: Bool[Tensor, " N"], heard: Bool[Tensor, " N"]
) -> Score:
    """The median over the frames that count, and its gain over that of the mixture where the mixture is heard."""
    estimate, mixture = metric.ratio(sums).numpy()
    kept = counts.numpy() & ~np.isnan(estimate)
    value = _median(estimate[kept])
    baseline = _median(mixture[kept & heard.numpy() & ~np.isnan(mixture)])
    gain = value - baseline if math.isfinite(baseline) else math.nan
    counted = int(kept.sum())
    return Score(value, gain, counted, len(kept) - counted)


def _median(values: Float[np.ndarray, " N"]) -> float:
    return float(np.median(values)) if len(values) else math.nan
