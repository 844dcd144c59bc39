"""What can be done to stems before they are audio: a factor, and left and right exchanged.

Whoever turns integers into audio multiplies and moves every sample anyway, so that these cost nothing there; done
afterwards, each goes through the memory of the whole batch again.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from auralflow.augment.gain import gain_factors
from auralflow.augment.numbers import Numbers, chosen
from auralflow.augment.options import (
    AugmentConfig,
    FlipPolarityConfig,
    GainConfig,
    SwapChannelsConfig,
    wanted_numbers,
)
from auralflow.augment.polarity import polarity_factors

__all__ = ["changes_stems", "left_behind", "take_ahead"]

_AHEAD = ("gain", "swap_channels", "flip_polarity")
_BEFORE = ("remix", "tempo", "pitch", "time_shift", "equalizer", "reverb")
"""What the catalogue has before these: where one of them is on, nothing is taken ahead of it."""
_MIXTURE = ("clip_mixture",)
"""What is done to the mixture alone."""


def take_ahead(
    numbers: Mapping[str, Numbers], config: AugmentConfig
) -> tuple[Float[Tensor, "B S"], Bool[Tensor, "B S"] | None] | None:
    """Factors, and whose channels are exchanged if any may be; None where nothing is gained."""
    wanted = _taken(config)
    if not wanted:
        return None
    factors, swapped = torch.ones(numbers[wanted[0]].shape[:2]), None
    if "gain" in wanted:
        factors = factors * gain_factors(numbers["gain"], config.gain)
    if "flip_polarity" in wanted:
        factors = factors * polarity_factors(numbers["flip_polarity"], config.flip_polarity)
    if "swap_channels" in wanted:
        swapped = chosen(numbers["swap_channels"], config.swap_channels.probability)
    return factors, swapped


def left_behind(config: AugmentConfig) -> AugmentConfig:
    """What is left to `augment` once `take_ahead` has taken what it can."""
    if not _taken(config):
        return config
    return config.model_copy(
        update={
            "gain": GainConfig.defaults(),
            "swap_channels": SwapChannelsConfig.defaults(),
            "flip_polarity": FlipPolarityConfig.defaults(),
        }
    )


def changes_stems(config: AugmentConfig) -> bool:
    """Whether `augment` does anything to the stems, so that their sum has to wait for it."""
    return any(name not in _MIXTURE for name in wanted_numbers(config))


def _taken(config: AugmentConfig) -> list[str]:
    wanted = wanted_numbers(config)
    if any(name in wanted for name in _BEFORE):
        return []
    return [name for name in _AHEAD if name in wanted]
