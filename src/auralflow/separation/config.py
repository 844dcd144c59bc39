"""The keys of separation: how a song is cut for the network, and how its stems are written."""

from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Gt, Le

from auralflow.config import Config
from auralflow.separation.options import SeparationOptions

if TYPE_CHECKING:
    from auralflow.audio import Encoding

__all__ = ["Overs", "SeparationConfig"]

Overs = Literal["auto", "clip", "rescale", "keep"]


class SeparationConfig(Config):
    """Separating songs with a trained network."""

    segment: Annotated[float, Gt(0)] = 8.0
    """Length of what the network sees at a time, in seconds; longer takes more memory."""
    overlap: Annotated[float, Ge(0), Le(0.95)] = 0.25
    """Share of a segment that the next one computes again, to cross-fade; more is smoother and slower."""
    separation_batch: Annotated[int, Gt(0)] = 4
    """Segments given to the network at once; more takes more memory and suits a GPU."""
    format: Literal["wav", "flac", "mp3", "ogg"] = "wav"
    """File format of the stems."""
    bits: Literal[16, 24, 32] | None = None
    """Bits of a sample: 16 or 24 for wav and flac, 32 (float) for wav only; null takes 32 for wav and 24 for flac.
    Of no effect on mp3 and ogg."""
    overs: Overs = "auto"
    """What is done about samples beyond full scale: clip them, rescale all stems of the song by one factor, or keep
    them, which only 32 bit wav can; auto keeps them there and clips elsewhere."""
    residual: bool = True
    """Write residual too: what is left of the song when all stems are taken out of it."""

    def options(self) -> SeparationOptions:
        """The part that concerns the network."""
        return SeparationOptions(
            segment_seconds=self.segment,
            overlap=self.overlap,
            batch_size=self.separation_batch,
        )

    def encoding(self) -> "Encoding":
        """The part that concerns the files. Raises `ConfigError` for bits the format does not have."""
        from auralflow.audio import Encoding

        default: Literal[16, 24, 32] = 32 if self.format == "wav" else 24
        return Encoding(self.format, self.bits or default)
