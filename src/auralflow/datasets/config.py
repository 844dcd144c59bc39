"""The keys of `data_config.yaml`: how audio is processed and how the dataset is used."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le
from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from auralflow.config import Config

__all__ = ["DataConfig", "LayoutName", "as_definitions"]

Share = Annotated[float, Ge(0), Le(1)]
LayoutName = Literal[
    "auto", "folders", "musdb-stem", "moisesdb", "slakh", "stem-folders", "manifest"
]


class DataConfig(Config):
    """Audio and dataset processing."""

    # Some keys bound one another, so a default is checked too: it may not fit what else was given.
    model_config = ConfigDict(validate_default=True)

    targets: tuple[str, ...] = ("vocals",)
    """Stems to estimate: names, first letters (b d o v for bass, drums, other, vocals), or all."""
    mono: bool = True
    """Average the channels into one before the network; false keeps two."""
    sample_rate: Annotated[int, Gt(0)] = 44100
    """Rate the network works at, in Hz; audio at other rates is resampled."""
    num_fft: Annotated[int, Gt(1)] = 1024
    """Length of the Fourier transform, in samples; a window that is shorter is padded with zeros."""
    window_size: Annotated[int, Gt(1)] = 1024
    """Length of the analysis window, in samples."""
    hop_length: Annotated[int, Gt(0)] = 768
    """Samples between one spectrogram frame and the next; less than window-size."""
    chunk_size: Annotated[float, Gt(0)] = 3.0
    """Length of a training example, in seconds."""
    load_size: Annotated[int, Gt(0)] = 8192
    """Chunks drawn anew from the dataset in every epoch."""
    split: Annotated[float, Ge(0), Le(0.9)] = 0.2
    """Share of the tracks held out for validation where the dataset has no validation folder and valid-tracks is
    empty; 0 trains on all of them and validates on none."""
    valid_tracks: tuple[str, ...] = ()
    """Names of the tracks to validate on; they are taken out of training."""
    test_tracks: tuple[str, ...] = ()
    """Names of the tracks to test on; they are taken out of training and validation."""
    backend: Literal["soundfile", "pyav"] = "soundfile"
    """Library that reads audio files first; what soundfile cannot read, pyav does."""
    skip_broken: bool = False
    """Leave out tracks with files that cannot be read, and say how many, rather than stop."""
    layout: LayoutName = "auto"
    """How the music lies in its folder; auto looks."""
    stems: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Stems to rename or to sum, as {accompaniment: [drums, bass, other]}; those not named stay as they are."""
    draw_by: Literal["length", "track"] = "length"
    """Whether a training chunk is as likely to come from any second of music or from any track."""
    random_mix: Share = 0.0
    """Share of the training chunks whose stems are drawn from different tracks."""
    sounding: Share = 0.0
    """Share of the training chunks that are drawn where a target, each in its turn, is not silent; 1 rejects silence."""
    sounding_db: Annotated[float, Ge(-120), Le(0)] = -60.0
    """Mean level of a chunk, in decibels below full scale, from which on a stem is not silent."""
    sounding_weights: dict[str, Annotated[float, Ge(0)]] = Field(default_factory=dict)
    """How often a target has its turn, as {vocals: 2, bass: 1}; 1 for those not named."""
    store: Literal["on", "off"] = "on"
    """Whether files that must be decoded are decoded once and kept; off decodes anew for each chunk, which is slow."""
    store_limit: Annotated[float, Ge(0)] = 0.0
    """Gigabytes that decoded files may take, of all datasets together; 0 is no limit. What was not used for longest goes."""
    max_broken: Annotated[int, Ge(0)] = 10
    """Files that may break while training runs; with one more, training stops."""

    @property
    def channels(self) -> int:
        """Channels that the network sees: 1 with `mono`, else 2."""
        return 1 if self.mono else 2

    @property
    def chunk_samples(self) -> int:
        """`chunk_size` in samples."""
        return round(self.chunk_size * self.sample_rate)

    @field_validator("targets", "valid_tracks", "test_tracks", mode="before")
    @classmethod
    def _one_name_is_a_list_of_one(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("stems", mode="before")
    @classmethod
    def _one_stem_is_a_list_of_one(cls, value: Any) -> Any:
        return as_definitions(value)

    @field_validator("stems")
    @classmethod
    def _stems_of_something(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name, parts in value.items():
            if name in ("mixture", "residual", "all"):
                raise ValueError(f"must not define {name}, which has a meaning of its own")
            if not parts:
                raise ValueError(f"must say what {name} is the sum of")
        return value

    @field_validator("store", mode="before")
    @classmethod
    def _yes_is_on(cls, value: Any) -> Any:
        return {True: "on", False: "off"}[value] if isinstance(value, bool) else value

    @field_validator("targets")
    @classmethod
    def _targets_on_commas(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        names = _stripped(part for text in value for part in text.split(","))
        if not names:
            raise ValueError("must name at least one stem, such as vocals")
        return names

    @field_validator("valid_tracks", "test_tracks")
    @classmethod
    def _no_blank_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _stripped(value)

    @field_validator("num_fft")
    @classmethod
    def _even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("must be even, a power of two being fastest")
        return value

    @field_validator("window_size")
    @classmethod
    def _window_fits_transform(cls, value: int, info: ValidationInfo) -> int:
        if value > info.data.get("num_fft", value):
            raise ValueError(f"must be no more than num-fft, which is {info.data['num_fft']}")
        return value

    @field_validator("hop_length")
    @classmethod
    def _windows_overlap(cls, value: int, info: ValidationInfo) -> int:
        # A periodic Hann window is zero at one end, so that hop = window would lose that sample of every frame.
        if value >= info.data.get("window_size", value + 1):
            window = info.data["window_size"]
            raise ValueError(
                f"must be less than window-size, which is {window}, for the audio to be rebuilt exactly"
            )
        return value

    @field_validator("chunk_size")
    @classmethod
    def _chunk_holds_a_window(cls, value: float, info: ValidationInfo) -> float:
        window, rate = info.data.get("window_size"), info.data.get("sample_rate")
        if window is not None and rate is not None and round(value * rate) < window:
            raise ValueError(
                f"must be at least {window / rate:.3g} s, one window of {window} samples at {rate} Hz"
            )
        return value

    @field_validator("test_tracks")
    @classmethod
    def _held_out_once(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        both = sorted(set(value) & set(info.data.get("valid_tracks", ())))
        if both:
            raise ValueError(f"must not name what valid-tracks names too: {', '.join(both)}")
        return value


def as_definitions(value: Any) -> Any:
    """Definitions of stems as they are written, `{vox: vocals}`, as names in lower case with tuples of parts."""
    if not isinstance(value, dict):
        return value
    return {
        str(name).strip().lower(): (parts,) if isinstance(parts, str) else tuple(parts or ())
        for name, parts in value.items()
    }


def _stripped(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.strip() for name in names if name.strip())
