"""How a signal is cut for a network, as one value that validation, evaluation and separation share."""

from dataclasses import dataclass

from auralflow.errors import ConfigError

__all__ = ["SeparationOptions"]


@dataclass(frozen=True)
class SeparationOptions:
    """Length and overlap of the segments that a network sees at a time."""

    segment_seconds: float = 8.0
    overlap: float = 0.25
    """Share of a segment that the next one computes again, to cross-fade; from 0 to 0.95."""
    batch_size: int = 4
    """Segments given to the network at once."""
    context: int = 0
    """Samples at either end of a segment that the network is known to get wrong, at its own rate; they are not
    used. 0 where it is not known: then the cross-fade alone keeps them down."""
    step: int = 1
    """Segments start at multiples of so many samples, at the network's rate: those by which a signal can be moved
    without changing the answer but for the move. For a network that halves frames of `hop_length` samples n times, it
    is hop_length · 2ⁿ."""

    def __post_init__(self) -> None:
        if not 0 < self.segment_seconds < float("inf"):
            raise ConfigError(
                f"the segment is {self.segment_seconds} s long, but must be longer than nothing: change it"
            )
        if self.batch_size < 1:
            raise ConfigError(
                f"{self.batch_size} segments at once are none: give the network at least one"
            )

    def segment_samples(self, sample_rate: int) -> int:
        """The segment's length at a rate, at least one sample."""
        return max(1, round(self.segment_seconds * sample_rate))
