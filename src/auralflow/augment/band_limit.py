"""The low pass of lossy encoders: what a network hears where people give it an MP3."""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.augment.fourier import fast_length
from auralflow.augment.numbers import Numbers, between, chosen_items
from auralflow.augment.options import BandLimitConfig
from auralflow.shapes import Stems

__all__ = ["limit_band"]

_TRANSITION_HZ = 500.0
"""Width of the edge, about that of LAME's."""
_RINGING_SECONDS = 0.05
"""For how long the edge is heard before and after a click, to 100 dB below it."""


def limit_band(stems: Stems, numbers: Numbers, config: BandLimitConfig, sample_rate: int) -> Stems:
    """The stems of each chosen item without what lies above a cut-off, where the level has halved.

    All stems go through one filter of linear phase and no delay, so that they add up to the mixture through it.
    """
    if config.low_hz - _TRANSITION_HZ / 2 >= sample_rate / 2:
        return stems
    (items,) = chosen_items(numbers, config.probability).nonzero(as_tuple=True)
    if len(items) == 0:
        return stems
    cutoffs_hz = between(numbers[items, 0, 1], config.low_hz, config.high_hz).to(stems)
    samples = stems.shape[-1]
    length = fast_length(samples + round(_RINGING_SECONDS * sample_rate))
    mask = _low_pass(cutoffs_hz, length, sample_rate)
    spectrum = torch.fft.rfft(stems[items], length) * mask[:, None, None]
    changed = stems.clone()
    changed[items] = torch.fft.irfft(spectrum, length)[..., :samples]
    return changed


def _low_pass(
    cutoffs_hz: Float[Tensor, " R"], length: int, sample_rate: int
) -> Float[Tensor, "R F"]:
    """1 below each cut-off and 0 above, with half a period of a cosine between."""
    bins = torch.arange(length // 2 + 1, device=cutoffs_hz.device) * (sample_rate / length)
    beyond = (bins - cutoffs_hz[:, None]) / _TRANSITION_HZ + 0.5
    return 0.5 + 0.5 * (torch.pi * beyond.clamp(0.0, 1.0)).cos()
