"""What measuring one track answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Score", "TrackScores"]


@dataclass(frozen=True)
class Score:
    """One metric of one source in one track."""

    value: float
    """In the metric's unit; NaN if nothing could be measured, +inf for a perfect estimate where the metric has no ceiling."""
    gain: float
    """How much better than the mixture itself scores as the estimate; NaN without a value, where the mixture is the
    reference itself, for nothing can be gained on that, and for metrics that have no gain."""
    counted: int
    """Frames measured; for a metric of the whole track 1 or 0."""
    left_out: int
    """Frames with a silent source, so that there is nothing to measure; for the whole track 1 or 0."""
    frames: tuple[float, ...] = field(default=(), repr=False, compare=False)
    """Where frames are measured, each of them, NaN for those left out; `value` is their median."""


@dataclass(frozen=True)
class TrackScores:
    """Every metric of every source in one track."""

    seconds: float
    scores: Mapping[str, Mapping[str, Score]]
    """By source, then by the metric's name."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Those that were measured, in order."""
        return tuple(self.scores)
