"""A parametric equalizer for each stem: microphones, rooms and mixing desks colour what they pass.

Source: Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients". Its filters are analogue
prototypes under the bilinear transform, which is evaluated here as such, on the unit circle: with the corner at angle w0,
s = j tan(w/2) / tan(w0/2). That loses no digits at low frequencies, as sums of nearly equal coefficients do.
"""

from math import log, pi, sqrt

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from auralflow.augment.fourier import fast_length
from auralflow.augment.numbers import Numbers, between, chosen
from auralflow.augment.options import MOST_BANDS, EqualizerConfig
from auralflow.shapes import Stems

__all__ = ["equalize", "frequency_response"]

_SHELF_Q = sqrt(0.5)
"""The steepest shelf that does not overshoot."""
_NYQUIST_SHARE = 0.95
"""Corner frequencies stay below this share of half the sample rate, where the bilinear transform still has room."""
_SILENCE = 1e-6


def equalize(stems: Stems, numbers: Numbers, config: EqualizerConfig, sample_rate: int) -> Stems:
    """Each chosen stem through a low shelf, peaks and a high shelf, starting from rest."""
    rows = chosen(numbers, config.probability).nonzero(as_tuple=True)
    if len(rows[0]) == 0:
        return stems
    samples = stems.shape[-1]
    ringing = fast_length(_ringing_samples(config, sample_rate))
    corners_hz, gains_db, qualities = (
        value.to(stems) for value in _bands(numbers[rows], config, sample_rate)
    )
    response = frequency_response(
        corners_hz, gains_db, qualities, sample_rate=sample_rate, length=ringing
    )
    # The response is worked out at as few frequencies as its ringing lasts samples: a transform gives all others.
    length = fast_length(samples + ringing)
    filters = torch.fft.rfft(torch.fft.irfft(response, ringing), length)
    spectrum = torch.fft.rfft(stems[rows], length) * filters[:, None]
    changed = stems.clone()
    changed[rows] = torch.fft.irfft(spectrum, length)[..., :samples]
    return changed


def frequency_response(
    corners_hz: Float[Tensor, "R N"],
    gains_db: Float[Tensor, "R N"],
    qualities: Float[Tensor, "R N"],
    *,
    sample_rate: int,
    length: int,
) -> Complex[Tensor, "R F"]:
    """What each of R equalizers does to the bins of a Fourier transform of `length` samples.

    The first band is a low shelf, the last a high shelf, those between are peaks of the given quality.
    """
    half_angle = torch.arange(length // 2 + 1, device=corners_hz.device) * (pi / length)
    sine, cosine = half_angle.sin().to(corners_hz), half_angle.cos().to(corners_hz)
    last = corners_hz.shape[1] - 1
    response = torch.ones((), dtype=torch.complex64, device=corners_hz.device)
    for band in range(last + 1):
        corner = cosine * (corners_hz[:, band, None] * (pi / sample_rate)).tan()
        root = 10.0 ** (gains_db[:, band, None] / 40.0)
        # s^2, s and 1, all times the square of tan(w0/2) cos(w/2), so that nothing is infinite at half the rate.
        square, middle, one = -sine.square(), sine * corner, corner.square()
        if band in (0, last):
            middle = middle * root.sqrt() / _SHELF_Q
            low, high = square + root * one, root * square + one
            above, below = (low, high) if band == 0 else (high, low)
            shelf = torch.complex(above, middle) / torch.complex(below, middle)
            response = response * root * shelf
        else:
            middle = middle / qualities[:, band, None]
            real = square + one
            response = (
                response * torch.complex(real, middle * root) / torch.complex(real, middle / root)
            )
    return response


def _bands(
    drawn: Float[Tensor, "R K"], config: EqualizerConfig, sample_rate: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Corner frequencies in Hz, gains in dB and qualities, one column a band.

    The range of frequencies is cut into as many parts as there are bands, equal on a logarithmic scale, and each band has
    its corner in its own part, so that no two fall together.
    """
    places, gains, qualities = (
        drawn[:, 1:].unflatten(1, (3, MOST_BANDS))[..., : config.bands].unbind(1)
    )
    highest = 0.5 * _NYQUIST_SHARE * sample_rate
    low, high = log(min(config.low_hz, highest)), log(min(config.high_hz, highest))
    part = torch.arange(config.bands, device=drawn.device)
    corners_hz = between((part + places) / config.bands, low, high).exp()
    gains_db = between(gains, -config.max_gain_db, config.max_gain_db)
    return corners_hz, gains_db, between(qualities, log(config.low_q), log(config.high_q)).exp()


def _ringing_samples(config: EqualizerConfig, sample_rate: int) -> int:
    """After how many samples the slowest filter of this configuration has fallen by 120 dB.

    A pole at -d on the prototype's scale falls as exp(-d w0 t), with w0 the corner's angular frequency.
    """
    root = 10.0 ** (config.max_gain_db / 40.0)
    decays = [_SHELF_Q / sqrt(root)]
    for quality in (config.low_q, config.high_q):
        for gain in (root, 1.0 / root):
            half = 1.0 / (2.0 * quality * gain)
            decays.append(half if half <= 1.0 else half - sqrt(half * half - 1.0))
    corner = 2.0 * pi * min(config.low_hz, 0.5 * _NYQUIST_SHARE * sample_rate) / sample_rate
    return int(-log(_SILENCE) / (corner * min(decays))) + 1
