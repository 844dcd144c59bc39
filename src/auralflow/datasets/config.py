"""The keys of `data_config.yaml`: how audio is processed and how the dataset is used."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le
from pydantic import ConfigDict, ValidationInfo, field_validator

from auralflow.config import Config

__all__ = ["AugmentConfig", "DataConfig"]

Share = Annotated[float, Ge(0), Le(1)]


class AugmentConfig(Config):
    """What is done at random to each stem of a training chunk before the stems are summed."""

    gain_db: Annotated[float, Ge(0), Le(60)] = 0.0
    """Each stem is made louder or softer by up to this many decibels; 0 leaves the level alone."""
    swap_channels: Share = 0.0
    """Probability with which a stem's left and right channels are exchanged."""
    flip_polarity: Share = 0.0
    """Probability with which a stem's samples are negated."""


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
    random_mix: Share = 0.0
    """Share of the training chunks whose stems are drawn from different tracks."""
    augment: AugmentConfig = AugmentConfig.defaults()
    """What is done at random to the stems of a training chunk."""

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


def _stripped(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.strip() for name in names if name.strip())
