"""What kind of audio a network is built for."""

from dataclasses import dataclass
from math import inf

from auralflow.errors import ModelError

__all__ = ["Signal"]


@dataclass(frozen=True)
class Signal:
    """The audio a network takes and gives, and the transform it sees it through. Lengths are in samples."""

    sample_rate: int = 44_100
    channels: int = 2
    num_fft: int = 1024
    window_size: int = 1024
    hop_length: int = 768
    chunk_size: float = 3.0
    """Seconds of a training example: a network must not halve it more often than it can be halved."""

    def __post_init__(self) -> None:
        for name in ("sample_rate", "channels", "num_fft", "window_size", "hop_length"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ModelError(f"{name} is {value!r}: give a whole number above zero")
        if not 0 < self.chunk_size < inf:
            raise ModelError(f"chunk_size is {self.chunk_size!r}: give seconds above zero")
        if self.window_size > self.num_fft:
            raise ModelError(
                f"window_size is {self.window_size} and num_fft {self.num_fft}: "
                "the window must not be longer than the transform"
            )
        if self.hop_length >= self.window_size:
            raise ModelError(
                f"hop_length is {self.hop_length} and window_size {self.window_size}: "
                "the hop must be shorter than the window, or samples between windows are lost"
            )

    @property
    def chunk_samples(self) -> int:
        """`chunk_size` in samples, at least one."""
        return max(1, round(self.chunk_size * self.sample_rate))

    @property
    def bins(self) -> int:
        """Frequency bins of a spectrum."""
        return self.num_fft // 2 + 1
