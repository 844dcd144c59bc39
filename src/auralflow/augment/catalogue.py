"""The augmentations by name, and a batch taken through them."""

from collections.abc import Mapping
from typing import Any

from auralflow.augment.augmentation import Augmentation, MixtureAugmentation
from auralflow.augment.band_limit import limit_band
from auralflow.augment.clipping import clip_mixture
from auralflow.augment.dropping import drop_stems
from auralflow.augment.equalizer import equalize
from auralflow.augment.gain import change_gain
from auralflow.augment.numbers import Numbers
from auralflow.augment.options import (
    AugmentConfig,
    BandLimitConfig,
    ClipMixtureConfig,
    DropStemConfig,
    EqualizerConfig,
    FlipPolarityConfig,
    GainConfig,
    PitchConfig,
    RemixConfig,
    ReverbConfig,
    SwapChannelsConfig,
    TempoConfig,
    TimeShiftConfig,
    wanted_numbers,
)
from auralflow.augment.pitch import change_pitch
from auralflow.augment.polarity import flip_polarity
from auralflow.augment.remixing import remix
from auralflow.augment.reverberation import reverberate
from auralflow.augment.swapping import swap_channels
from auralflow.augment.tempo import change_tempo
from auralflow.augment.time_shift import shift_in_time
from auralflow.shapes import Mixture, Stems

__all__ = ["AUGMENTATIONS", "augment", "augment_mixture"]

AUGMENTATIONS: Mapping[str, Augmentation[Any] | MixtureAugmentation[Any]] = {
    "remix": Augmentation(RemixConfig, remix),
    "tempo": Augmentation(TempoConfig, change_tempo),
    "pitch": Augmentation(PitchConfig, change_pitch),
    "time_shift": Augmentation(TimeShiftConfig, shift_in_time),
    "equalizer": Augmentation(EqualizerConfig, equalize),
    "reverb": Augmentation(ReverbConfig, reverberate),
    "gain": Augmentation(GainConfig, change_gain),
    "swap_channels": Augmentation(SwapChannelsConfig, swap_channels),
    "flip_polarity": Augmentation(FlipPolarityConfig, flip_polarity),
    "drop_stem": Augmentation(DropStemConfig, drop_stems),
    "band_limit": Augmentation(BandLimitConfig, limit_band),
    "clip_mixture": MixtureAugmentation(ClipMixtureConfig, clip_mixture),
}
"""By the names of the keys under `augment`, in the order in which they are done."""


def augment(
    stems: Stems,
    numbers: Mapping[str, Numbers],
    config: AugmentConfig,
    *,
    sample_rate: int,
    samples: int,
) -> Stems:
    """The first `samples` samples of the stems, after everything that is switched on, in the order of the catalogue.

    The numbers were drawn with the chunks, so that nothing here is random. Where the tempo may change, the stems are
    longer: `config.samples_to_read(samples)`.

    Raises:
        ValueError: the numbers are not those that `wanted_numbers(config)` names, or the stems are too short.
    """
    wanted = _wanted(numbers, config)
    if stems.shape[-1] < config.samples_to_read(samples):
        raise ValueError(
            f"stems have {stems.shape[-1]} samples, and {samples} augmented ones take "
            f"{config.samples_to_read(samples)}"
        )
    for name, member in AUGMENTATIONS.items():
        if isinstance(member, Augmentation) and name in wanted:
            stems = member.change(stems, numbers[name], getattr(config, name), sample_rate)
        if name == "tempo":
            # What follows then sees the same samples whether or not more had been read.
            stems = stems[..., :samples]
    return stems


def augment_mixture(
    mixture: Mixture, numbers: Mapping[str, Numbers], config: AugmentConfig, *, sample_rate: int
) -> Mixture:
    """The mixture after what is done to mixtures alone.

    Raises:
        ValueError: the numbers are not those that `wanted_numbers(config)` names.
    """
    wanted = _wanted(numbers, config)
    for name, member in AUGMENTATIONS.items():
        if isinstance(member, MixtureAugmentation) and name in wanted:
            mixture = member.change_mixture(
                mixture, numbers[name], getattr(config, name), sample_rate
            )
    return mixture


def _wanted(numbers: Mapping[str, Numbers], config: AugmentConfig) -> set[str]:
    wanted = set(wanted_numbers(config))
    if unknown := sorted(set(numbers) - set(AUGMENTATIONS)):
        raise ValueError(f"there is no augmentation {', '.join(unknown)}")
    if missing := sorted(wanted - set(numbers)):
        raise ValueError(f"no numbers were drawn for {', '.join(missing)}")
    return wanted
