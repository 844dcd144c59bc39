"""The keys of separation: how a song is cut for the network, and how its stems are written."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Gt, Le
from pydantic import field_validator

from auralflow.config import Config
from auralflow.dsp.windows import Window
from auralflow.models.streaming.options import Flip, Precision, SeparationOptions

if TYPE_CHECKING:
    from auralflow.audio import Encoding
    from auralflow.separation.order import Order

__all__ = ["FILE_KEYS", "SONGS_KEYS", "Overs", "SeparationConfig"]

SONGS_KEYS = ("mixture-minus", "tags", "template", "preview", "jobs")
"""Keys that `separate_file` has no use for."""
FILE_KEYS = ("targets", "format", "bits", "overs", "residual", *SONGS_KEYS)
"""Keys that do not concern the network."""
Overs = Literal["auto", "clip", "rescale", "keep"]


class SeparationConfig(Config):
    """Separating songs with a trained network."""

    segment: Annotated[float, Gt(0)] = 8.0
    """Length of what the network sees at a time, in seconds; longer takes more memory."""
    overlap: Annotated[float, Ge(0), Le(0.95)] = 0.25
    """Share of a segment that the next one computes again, to cross-fade; more is smoother and slower."""
    separation_batch: Annotated[int, Gt(0)] | None = None
    """Segments given to the network at once; null takes 1 on the processor, where more only take more memory, and 4 on
    a GPU."""
    window: Window = "cubic"
    """How the trust in a segment falls towards its ends, by which neighbours are cross-faded: with the third power of
    the distance, the distance, as a Hann window, or not at all."""
    context: Annotated[float, Ge(0)] | Literal["auto"] = 0.0
    """Seconds at either end of a segment that are not used, since the network cannot know them; auto measures how far
    the network sees, and takes 0 where that is everything or more than a quarter of the segment."""
    shifts: Annotated[int, Gt(0)] = 1
    """So many answers are averaged, for each of which the song is cut at other places; so many times the work."""
    flips: tuple[Flip, ...] = ()
    """Answers to the song with its channels exchanged, its polarity inverted, or both, are averaged; each doubles the
    work."""
    wiener: Annotated[int, Ge(0)] = 0
    """Steps of the multichannel Wiener filter over the network's answers; 0 for none."""
    consistency: bool = False
    """Move the stems, all alike, so that they sum to the song; for networks whose targets are all there is in it."""
    separation_precision: Precision = "float32"
    """What the network multiplies in; bfloat16 and float16 are faster on GPUs that have them."""
    targets: tuple[str, ...] = ()
    """Stems to write, of those that the network has; none stands for all."""
    mixture_minus: tuple[str, ...] = ()
    """Write the song without these stems, as for karaoke, as one more file; unless others are named, these are then the
    only stems, and there is no residual."""
    format: Literal["wav", "flac", "mp3", "ogg", "opus", "m4a", "stem.mp4"] = "wav"
    """File format of the stems; stem.mp4 is one file with the song and four stems, as DJ programs read it."""
    bits: Literal[16, 24, 32, "input"] | None = None
    """Bits of a sample: 16 or 24 for wav and flac, 32 (float) for wav only, or as many as the song has; null takes 32 for
    wav and 24 for flac. Of no effect on the lossy formats."""
    overs: Overs = "auto"
    """What is done about samples beyond full scale: clip them, rescale all stems of the song by one factor, or keep
    them, which only 32 bit wav can; auto keeps them there and clips elsewhere."""
    residual: bool = True
    """Write residual too: what is left of the song when all stems are taken out of it."""

    tags: bool = True
    """Give the stems the song's tags and cover."""
    template: str | None = None
    """Names of the files, below the folder of the song, from {song}, {stem} and {ext}; null takes {song}/{stem}.{ext}, for
    stem.mp4 {song}.{ext}."""
    preview: Annotated[float, Gt(0)] | None = None
    """Separate the loudest stretch of the song only, of so many seconds."""
    jobs: Annotated[int, Gt(0)] = 1
    """Songs that are separated at the same time."""

    @field_validator("targets", "mixture_minus", "flips", mode="before")
    @classmethod
    def _words_on_commas(cls, value: Any) -> Any:
        """One text with commas is a list, as it comes from a flag."""
        if not isinstance(value, str):
            return value
        return tuple(word.strip() for word in value.split(",") if word.strip())

    def options(self, targets: Sequence[str] = ()) -> SeparationOptions:
        """The part that concerns the network; `targets` go before those of the section."""
        return SeparationOptions(
            segment_seconds=self.segment,
            overlap=self.overlap,
            batch_size=self.separation_batch,
            window=self.window,
            context_seconds=self.context,
            shifts=self.shifts,
            flips=self.flips,
            wiener=self.wiener,
            consistency=self.consistency,
            precision=self.separation_precision,
            targets=tuple(targets) or self.targets,
        )

    def encoding(self) -> "Encoding":
        """The part that concerns the files. Raises `ConfigError` for bits the format does not have."""
        from auralflow.audio import Encoding

        default: Literal[16, 24, 32] = 32 if self.format == "wav" else 24
        if self.bits == "input":
            return Encoding(self.format, default, follows_song=True)
        return Encoding(self.format, self.bits or default)

    def order(self) -> "Order":
        """All that concerns the files, for `separate_tree`. Raises `ConfigError` for what does not go together."""
        from auralflow.separation.order import Order

        return Order(
            encoding=self.encoding(),
            residual=self.residual,
            mixture_minus=self.mixture_minus,
            overs=self.overs,
            tags=self.tags,
            template=self.template,
            preview_seconds=self.preview,
        )
