"""What is known of an audio file before it is decoded."""

from dataclasses import dataclass

__all__ = ["AudioInfo"]


@dataclass(frozen=True)
class AudioInfo:
    """Rate, channels and length of one recording, at the file's own rate."""

    sample_rate: int
    """In Hz."""
    channels: int
    samples: int
    """Exact length in samples of one channel: what reading the whole recording gives."""
    bits: int | None = None
    """Bits of a sample where the file holds samples as they are, floating point counting as 32 or 64; None for lossy files,
    and where it is not known."""

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.samples / self.sample_rate
