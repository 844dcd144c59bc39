"""Mel bands: triangles over frequency, evenly spaced as pitch is heard."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["mel_bands"]

_LINEAR_BELOW = 1000.0
_HERTZ_A_MEL = 200 / 3
_STEP = math.log(6.4) / 27
"""Natural logarithm of the frequency ratio of neighbouring mels above the linear part."""


def mel_bands(sample_rate: int, num_fft: int, bands: int) -> Float[Tensor, "M F"]:
    """The weight of each bin in each band, from 0 Hz to half the sample rate, every triangle's area 1 Hz.

    Where bands are narrower than bins, some hold no bin and are all zero.

    Source: Slaney, "Auditory Toolbox", 1998: linear below 1 kHz, logarithmic above; librosa's default.
    """
    top = _mel(sample_rate / 2)
    corners = _hertz(torch.linspace(0, top, bands + 2, dtype=torch.float64))
    bins = torch.arange(num_fft // 2 + 1, dtype=torch.float64) * sample_rate / num_fft
    low, centre, high = (corners[start : start + bands, None] for start in range(3))
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    triangles = torch.minimum(rising, falling).clamp_min(0)
    return (triangles * 2 / (high - low)).float()


def _mel(hertz: float) -> float:
    if hertz < _LINEAR_BELOW:
        return hertz / _HERTZ_A_MEL
    return _LINEAR_BELOW / _HERTZ_A_MEL + math.log(hertz / _LINEAR_BELOW) / _STEP


def _hertz(mels: Float[Tensor, " M"]) -> Float[Tensor, " M"]:
    knee = _LINEAR_BELOW / _HERTZ_A_MEL
    above = _LINEAR_BELOW * torch.exp(_STEP * (mels - knee))
    return torch.where(mels < knee, mels * _HERTZ_A_MEL, above)
