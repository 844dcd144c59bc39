"""The formats that audio is written in, and what each of them can hold."""

from dataclasses import dataclass, replace
from typing import Literal

from auralflow.audio.info import AudioInfo
from auralflow.errors import ConfigError

__all__ = ["Bits", "Encoding", "Format"]

Format = Literal["wav", "flac", "mp3", "ogg", "opus", "m4a", "stem.mp4"]
Bits = Literal[16, 24, 32]

_BITS: dict[str, tuple[Bits, ...]] = {"wav": (16, 24, 32), "flac": (16, 24)}
# libsndfile takes the fifth of six Opus channels for the one of low frequencies, so more than two are not written.
_CHANNELS = {
    "wav": 1024, "flac": 8, "mp3": 2, "ogg": 255, "opus": 2, "m4a": 6, "stem.mp4": 2,
}  # fmt: skip
# The rates of MPEG-1, 2 and 2.5 layer III; libsndfile opens no MP3 file at any other.
_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_AAC_RATES = (7350, *_MP3_RATES, 64000, 88200, 96000)
_RATES = {"mp3": _MP3_RATES, "m4a": _AAC_RATES, "stem.mp4": _AAC_RATES}
# Opus is always 48 kHz inside; its decoders give these rates too, and no other.
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
# Widest rate that the 20 bits of a FLAC header hold.
_FLAC_RATE = 655_350


@dataclass(frozen=True)
class Encoding:
    """A file format and, where it has a choice, the bits of a sample.

    Raises:
        ConfigError: the format is unknown, or does not come in that many bits.
    """

    format: Format = "wav"
    """`stem.mp4` holds several streams: the mixture and four stems, as DJ programs read them."""
    bits: Bits = 16
    """16 or 24 are integers; 32 is floating point and for wav only; the lossy formats have no bits and ignore them."""
    follows_song: bool = False
    """Whether `suited_to` changes the bits to the song's."""

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
    def is_lossy(self) -> bool:
        """Whether the samples that come back are others."""
        return self.format not in _BITS

    @property
    def clips(self) -> bool:
        """Whether samples beyond full scale are cut off; only floating point keeps them."""
        return not (self.format == "wav" and self.bits == 32)

    def suited_to(self, song: AudioInfo) -> "Encoding":
        """The same for one song: where it follows that, with the fewest bits that hold the song's, or the most there are.

        A song without bits, as one that was MP3, gets the most.
        """
        if not self.follows_song or self.is_lossy:
            return self
        allowed = _BITS[self.format]
        enough = [bits for bits in allowed if song.bits is not None and bits >= song.bits]
        return replace(self, bits=min(enough, default=max(allowed)), follows_song=False)

    def rate_for(self, sample_rate: int) -> int:
        """The rate that a file of such audio has: another than the audio's for opus only."""
        if self.format == "opus" and sample_rate not in _OPUS_RATES:
            return 48_000
        return sample_rate

    def objection(self, sample_rate: int, channels: int) -> str | None:
        """Why this format cannot hold such audio, with the remedy; None where it can."""
        if channels > (most := _CHANNELS[self.format]):
            remedy = "choose wav" if most > 6 or channels > 8 else "choose wav or flac"
            return f"{self.format} holds at most {most} channels, not {channels}: {remedy}"
        known = _RATES.get(self.format)
        if known and sample_rate not in known:
            rates = ", ".join(map(str, known))
            return f"{self.format} does not come at {sample_rate} Hz, only at {rates}: resample, or choose flac"
        if self.format == "flac" and sample_rate > _FLAC_RATE:
            return f"flac goes up to {_FLAC_RATE} Hz, not {sample_rate}: resample, or choose wav"
        return None
