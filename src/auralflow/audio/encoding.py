"""The formats that audio is written in, and what each of them can hold."""

from dataclasses import dataclass
from typing import Literal

from auralflow.errors import ConfigError

__all__ = ["Encoding", "Format"]

Format = Literal["wav", "flac", "mp3", "ogg"]

_BITS: dict[str, tuple[int, ...]] = {"wav": (16, 24, 32), "flac": (16, 24)}
_CHANNELS = {"wav": 1024, "flac": 8, "mp3": 2, "ogg": 255}
# The rates of MPEG-1, 2 and 2.5 layer III; libsndfile opens no MP3 file at any other.
_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
# Widest rate that the 20 bits of a FLAC header hold.
_FLAC_RATE = 655_350


@dataclass(frozen=True)
class Encoding:
    """A file format and, where it has a choice, the bits of a sample.

    Raises:
        ConfigError: the format is unknown, or does not come in that many bits.
    """

    format: Format = "wav"
    bits: Literal[16, 24, 32] = 16
    """16 or 24 are integers; 32 is floating point and for wav only; mp3 and ogg have no bits and ignore them."""

    def __post_init__(self) -> None:
        if self.format not in _CHANNELS:
            known = ", ".join(_CHANNELS)
            raise ConfigError(f"there is no audio format {self.format!r}: choose one of {known}")
        allowed = _BITS.get(self.format)
        if allowed and self.bits not in allowed:
            choice = ", ".join(map(str, allowed))
            raise ConfigError(
                f"{self.format} is not written with {self.bits!r} bits: choose one of {choice}"
            )

    @property
    def suffix(self) -> str:
        """Ending of the file's name, with the dot."""
        return f".{self.format}"

    @property
    def clips(self) -> bool:
        """Whether samples beyond full scale are cut off; only floating point keeps them."""
        return not (self.format == "wav" and self.bits == 32)

    def objection(self, sample_rate: int, channels: int) -> str | None:
        """Why this format cannot hold such audio, with the remedy; None where it can."""
        if channels > (most := _CHANNELS[self.format]):
            remedy = "choose wav or flac" if self.format == "mp3" else "choose wav"
            return f"{self.format} holds at most {most} channels, not {channels}: {remedy}"
        if self.format == "mp3" and sample_rate not in _MP3_RATES:
            rates = ", ".join(map(str, _MP3_RATES))
            return (
                f"mp3 does not come at {sample_rate} Hz, only at {rates}: resample, or choose flac"
            )
        if self.format == "flac" and sample_rate > _FLAC_RATE:
            return f"flac goes up to {_FLAC_RATE} Hz, not {sample_rate}: resample, or choose wav"
        return None
