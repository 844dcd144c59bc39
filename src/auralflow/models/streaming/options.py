"""How a signal is cut for a network, as one value that validation, evaluation and separation share."""

from dataclasses import dataclass
from typing import Literal, get_args

from auralflow.dsp.windows import MAX_OVERLAP, WINDOWS, Window
from auralflow.errors import ConfigError

__all__ = ["FLIPS", "PRECISIONS", "Flip", "Precision", "SeparationOptions"]

Flip = Literal["channels", "polarity"]
"""What can be turned round before the network and back after it: left and right, and the sign of every sample."""
FLIPS: tuple[Flip, ...] = get_args(Flip)
Precision = Literal["float32", "bfloat16", "float16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True)
class SeparationOptions:
    """Length and overlap of the segments that a network sees at a time, and what is done about its answers."""

    segment_seconds: float = 8.0
    overlap: float = 0.25
    """Share of a segment that the next one computes again, to cross-fade; from 0 to 0.95."""
    batch_size: int | None = None
    """Segments given to the network at once; by default 1 on the processor, where more take more memory and are no
    faster, and 4 on a GPU."""
    context_seconds: float | Literal["auto"] = 0.0
    """What lies at either end of a segment and the network is known to get wrong; it is not used. `auto` measures it, and
    takes 0 where it cannot be known or would take more than half the segment: then the cross-fade alone keeps it down."""
    step: int = 1
    """Segments start at multiples of so many samples, at the network's rate: those by which a signal can be moved
    without changing the answer but for the move. For a network that halves frames of `hop_length` samples n times, it
    is hop_length · 2ⁿ."""
    window: Window = "cubic"
    """How the trust in a segment falls towards its ends, by which neighbours are cross-faded."""
    shifts: int = 1
    """So many answers are averaged, for each of which the signal is cut at other places, spread evenly over the
    distance of two segments; so many times the work."""
    flips: tuple[Flip, ...] = ()
    """What is turned round for further answers that are averaged; each doubles the work."""
    wiener: int = 0
    """Steps of the multichannel Wiener filter over the network's answers, which moves what they share to where it
    comes from in the stereo image; 0 is none."""
    consistency: bool = False
    """Whether the stems are moved, all alike, so that they sum to the mixture. For networks whose targets are all there
    is in a song."""
    precision: Precision = "float32"
    """What the network multiplies in; Fourier transforms, filters and cross-fades stay float32."""
    targets: tuple[str, ...] = ()
    """Those to give back, in the network's order; empty for all."""

    def __post_init__(self) -> None:
        if not 0 < self.segment_seconds < float("inf"):
            raise ConfigError(
                f"the segment is {self.segment_seconds} s long, but must be longer than nothing: change it"
            )
        if not 0 <= self.overlap <= MAX_OVERLAP:
            raise ConfigError(
                f"overlap is {self.overlap}, but must be between 0 and {MAX_OVERLAP}: change it"
            )
        if self.batch_size is not None and self.batch_size < 1:
            raise ConfigError(
                f"{self.batch_size} segments at once are none: give the network at least one"
            )
        if self.shifts < 1:
            raise ConfigError(f"{self.shifts} answers cannot be averaged: set shifts to 1 or more")
        if self.wiener < 0:
            raise ConfigError(f"wiener is {self.wiener} steps: set it to 0, for none, or more")
        for name, value, known in (
            ("window", self.window, WINDOWS),
            ("precision", self.precision, PRECISIONS),
            *(("flips", flip, FLIPS) for flip in self.flips),
        ):
            if value not in known:
                raise ConfigError(f"{name} has {value}, which is none: choose {', '.join(known)}")
        if self.context_seconds != "auto" and not 0 <= self.context_seconds < float("inf"):
            raise ConfigError(f"context is {self.context_seconds} s: set it to 0 or more")

    def segment_samples(self, sample_rate: int) -> int:
        """The segment's length at a rate, at least one sample."""
        return max(1, round(self.segment_seconds * sample_rate))
