"""The keys under `augment`, and how many numbers each augmentation wants drawn; without torch, for help texts."""

from collections.abc import Callable
from math import ceil
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Le
from pydantic import ConfigDict, ValidationInfo, field_validator

from auralflow.config import Config

__all__ = [
    "AugmentConfig",
    "AugmentationConfig",
    "BandLimitConfig",
    "ClipMixtureConfig",
    "DropStemConfig",
    "EqualizerConfig",
    "FlipPolarityConfig",
    "GainConfig",
    "PitchConfig",
    "RemixConfig",
    "ReverbConfig",
    "SwapChannelsConfig",
    "TempoConfig",
    "TimeShiftConfig",
    "wanted_numbers",
]

MOST_BANDS = 6
Share = Annotated[float, Ge(0), Le(1)]
Decibels = Annotated[float, Ge(-60), Le(60)]


def _no_less_than(lower: str) -> Callable[[float, ValidationInfo], float]:
    def check(value: float, info: ValidationInfo) -> float:
        bound = info.data.get(lower, value)
        if value < bound:
            raise ValueError(f"must be no less than {lower.replace('_', '-')}, which is {bound:g}")
        return value

    return check


class AugmentationConfig(Config):
    """What every augmentation has; each makes it a section of its own."""

    # The ends of a range bound one another, so a default is checked too: it may not fit what else was given.
    model_config = ConfigDict(validate_default=True)

    numbers: ClassVar[int] = 1
    """How many uniform numbers each stem of a chunk wants. The first decides whether anything is done."""

    probability: Share = 0.0
    """Probability with which it is done to a stem."""


class RemixConfig(AugmentationConfig):
    """Stems exchanged between items of a batch."""

    numbers: ClassVar[int] = 2

    probability: Share = 0.0
    """Probability with which a stem takes part when stems are exchanged between the items of a group."""
    group: Annotated[int, Ge(2)] = 4
    """Neighbouring items of a batch that exchange stems; batch-size is best a multiple of it."""


class TempoConfig(AugmentationConfig):
    """Faster or slower at the same pitch."""

    numbers: ClassVar[int] = 2

    probability: Share = 0.0
    """Probability with which all the stems of an item are played faster or slower, at the same pitch."""
    low: Annotated[float, Ge(0.5), Le(2)] = 0.9
    """Slowest tempo, as a factor: 0.9 takes 1/0.9 of the time."""
    high: Annotated[float, Ge(0.5), Le(2)] = 1.1
    """Fastest tempo, as a factor; chunks are read longer by it, so that enough material is there."""

    _ordered = field_validator("high")(_no_less_than("low"))


class PitchConfig(AugmentationConfig):
    """Higher or lower at the same tempo."""

    numbers: ClassVar[int] = 2

    probability: Share = 0.0
    """Probability with which all the stems of an item are shifted in pitch, at the same tempo."""
    semitones: Annotated[float, Gt(0), Le(12)] = 2.0
    """By up to how many semitones, up or down; fractions are drawn too."""


class TimeShiftConfig(AugmentationConfig):
    """Earlier or later."""

    numbers: ClassVar[int] = 2

    probability: Share = 0.0
    """Probability with which a stem is moved in time against the others; what leaves at one end enters at the other."""
    seconds: Annotated[float, Gt(0), Le(60)] = 1.0
    """By up to how many seconds, earlier or later."""


class EqualizerConfig(AugmentationConfig):
    """A parametric equalizer."""

    numbers: ClassVar[int] = 1 + 3 * MOST_BANDS

    probability: Share = 0.0
    """Probability with which a stem goes through a parametric equalizer of its own."""
    bands: Annotated[int, Ge(2), Le(MOST_BANDS)] = 4
    """Bands, each in its own part of the frequency range: the lowest is a low shelf, the highest a high shelf."""
    max_gain_db: Annotated[float, Gt(0), Le(24)] = 6.0
    """By up to how many decibels a band is raised or lowered."""
    low_hz: Annotated[float, Ge(20)] = 60.0
    """Lower end of the range of centre and corner frequencies."""
    high_hz: Annotated[float, Ge(20)] = 12000.0
    """Upper end of that range."""
    low_q: Annotated[float, Ge(0.1), Le(10)] = 0.5
    """Smallest quality factor of the bands between the shelves: centre frequency over bandwidth."""
    high_q: Annotated[float, Ge(0.1), Le(10)] = 2.0
    """Largest quality factor, of the narrowest bands."""

    _ordered_hz = field_validator("high_hz")(_no_less_than("low_hz"))
    _ordered_q = field_validator("high_q")(_no_less_than("low_q"))


class ReverbConfig(AugmentationConfig):
    """A room."""

    numbers: ClassVar[int] = 4

    probability: Share = 0.0
    """Probability with which a stem is put into a room of its own."""
    low_seconds: Annotated[float, Ge(0.01), Le(10)] = 0.2
    """Shortest reverberation time RT60, in which the level falls by 60 dB."""
    high_seconds: Annotated[float, Ge(0.01), Le(10)] = 1.0
    """Longest reverberation time."""
    low_wet: Share = 0.1
    """Smallest amplitude of the reverberation beside the direct sound, which stays as it is."""
    high_wet: Share = 0.5
    """Largest amplitude of the reverberation; 1 is as loud as the direct sound."""

    _ordered_seconds = field_validator("high_seconds")(_no_less_than("low_seconds"))
    _ordered_wet = field_validator("high_wet")(_no_less_than("low_wet"))


class GainConfig(AugmentationConfig):
    """Louder or softer."""

    numbers: ClassVar[int] = 2

    probability: Share = 0.0
    """Probability with which a stem is made louder or softer."""
    low_db: Decibels = -6.0
    """Smallest gain, in decibels."""
    high_db: Decibels = 6.0
    """Largest gain, in decibels."""

    _ordered = field_validator("high_db")(_no_less_than("low_db"))


class SwapChannelsConfig(AugmentationConfig):
    """Left and right exchanged."""

    probability: Share = 0.0
    """Probability with which a stem's left and right channels are exchanged."""


class FlipPolarityConfig(AugmentationConfig):
    """Negated samples."""

    probability: Share = 0.0
    """Probability with which a stem's samples are negated."""


class DropStemConfig(AugmentationConfig):
    """Silent stems."""

    probability: Share = 0.0
    """Probability with which a stem is silenced; one stem of each item always stays."""


class BandLimitConfig(AugmentationConfig):
    """A low pass as lossy encoders have it."""

    numbers: ClassVar[int] = 2

    probability: Share = 0.0
    """Probability with which all the stems of an item lose what lies above one cut-off, as in an MP3."""
    low_hz: Annotated[float, Ge(1000)] = 11000.0
    """Lowest cut-off frequency."""
    high_hz: Annotated[float, Ge(1000)] = 20000.0
    """Highest cut-off frequency; one above half the sample rate changes nothing."""

    _ordered = field_validator("high_hz")(_no_less_than("low_hz"))


class ClipMixtureConfig(AugmentationConfig):
    """A mixture driven into clipping."""

    numbers: ClassVar[int] = 2

    probability: Share = 0.0
    """Probability with which an item's mixture is clipped. Its stems are not: they no longer add up to it."""
    low_db: Annotated[float, Ge(0), Le(40)] = 0.0
    """Least that the clipping level lies below the mixture's peak, in decibels."""
    high_db: Annotated[float, Ge(0), Le(40)] = 6.0
    """Most that the clipping level lies below the mixture's peak, in decibels."""

    _ordered = field_validator("high_db")(_no_less_than("low_db"))


class AugmentConfig(Config):
    """What is done at random to the stems of a training batch before they are summed, in this order."""

    remix: RemixConfig = RemixConfig.defaults()
    tempo: TempoConfig = TempoConfig.defaults()
    pitch: PitchConfig = PitchConfig.defaults()
    time_shift: TimeShiftConfig = TimeShiftConfig.defaults()
    equalizer: EqualizerConfig = EqualizerConfig.defaults()
    reverb: ReverbConfig = ReverbConfig.defaults()
    gain: GainConfig = GainConfig.defaults()
    swap_channels: SwapChannelsConfig = SwapChannelsConfig.defaults()
    flip_polarity: FlipPolarityConfig = FlipPolarityConfig.defaults()
    drop_stem: DropStemConfig = DropStemConfig.defaults()
    band_limit: BandLimitConfig = BandLimitConfig.defaults()
    clip_mixture: ClipMixtureConfig = ClipMixtureConfig.defaults()

    @property
    def longest(self) -> float:
        """By which factor chunks are read longer than they are used: the fastest tempo, or 1."""
        return max(1.0, self.tempo.high) if self.tempo.probability > 0 else 1.0

    def samples_to_read(self, samples: int) -> int:
        """How many samples of each stem give `samples` augmented ones."""
        return ceil(samples * self.longest)


def wanted_numbers(config: AugmentConfig) -> dict[str, int]:
    """For each augmentation that is switched on, how many uniform numbers in [0, 1) a stem wants."""
    sections: dict[str, AugmentationConfig] = {
        name: getattr(config, name) for name in AugmentConfig.model_fields
    }
    return {name: section.numbers for name, section in sections.items() if section.probability > 0}
