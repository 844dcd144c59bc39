"""How well people hear a frequency, as four filters in a row.

    high shelf   +5 dB above 1500 Hz, Q 1/√2          low end   50 Hz   −15.3 dB
    high pass    120 Hz, second order                 middle    1 kHz    +1.5 dB
    peak         +2.5 dB at 500 Hz, Q 1.5/√2          best      3 kHz    +4.2 dB
    low pass     10 kHz, first order, twice           high end  16 kHz  −12.3 dB

Source: the design of log-wmse-audio-quality, which names Fenton and Lee (2017) as its model; shelf and peak are
those of Bristow-Johnson's cookbook. They are designed at 44.1 kHz, where the low pass reaches zero at 22.05 kHz, and so
is everything above.

What measures is an impulse response of 4000 samples with that design's magnitudes and linear phase, which is the one that
log-wmse-audio-quality ships: there, the design at a frequency stands at 4097/4096 of it.
"""

import math
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["autocorrelation_of_hearing", "response", "sensitivity", "weighted_power"]

_DESIGN_RATE = 44_100
_TAPS = 4000
_DESIGN_BINS = 4097
_FINE = 1 << 19
"""Length of the transform between whose bins, 0.08 Hz apart, the response is interpolated."""
_RING_SECONDS = 0.1
"""Silence after the audio for the filters to ring in, without which their end would fall upon the beginning."""


def weighted_power(audio: Float[Tensor, "*B T"], sample_rate: int) -> Float[Tensor, "*B"]:
    """Mean square of the audio as it is heard: its energy behind the filters over its number of samples."""
    samples = audio.shape[-1]
    # A multiple of a power of two, since transforms of other sizes can be slow.
    size = -(-(samples + math.ceil(_RING_SECONDS * sample_rate)) // 4096) * 4096
    with torch.autocast(audio.device.type, enabled=False):
        spectrum = torch.fft.rfft(audio.float(), n=size)
    power = torch.view_as_real(spectrum).square().sum(-1)
    return (power * _weights(size, sample_rate, audio.device)).sum(-1) / samples


def autocorrelation_of_hearing(sample_rate: int) -> Float[Tensor, " K"]:
    """That of the impulse response, from lag 0 on, as far as it reaches.

    The energy of any audio behind the filters is the sum over all lags, to both sides, of this times the audio's own.
    """
    lags = math.ceil(_RING_SECONDS * sample_rate)
    size = -(-2 * lags // 4096) * 4096
    bins = torch.arange(size // 2 + 1, dtype=torch.float64)
    full: Tensor = torch.fft.irfft(response(bins * sample_rate / size), n=size)
    return full[:lags]


@lru_cache(maxsize=8)
def _weights(size: int, sample_rate: int, device: torch.device) -> Float[Tensor, " F"]:
    """What each bin's power adds to the energy: all but the first and last stand for two."""
    # Weights made while gradients are off altogether could not be used where they are on.
    with torch.inference_mode(False):
        bins = torch.arange(size // 2 + 1, dtype=torch.float64)
        weights = 2 * response(bins * sample_rate / size) / size
        weights[0] /= 2
        weights[-1] /= 2
        return weights.float().to(device)


def response(frequencies: Float[Tensor, "*F"]) -> Float[Tensor, "*F"]:
    """The factor by which the impulse response changes the power of a frequency in Hz."""
    fine = _fine_response()
    place = (frequencies.double() * _FINE / _DESIGN_RATE).clamp(0, len(fine) - 1)
    below = place.long().clamp(max=len(fine) - 2)
    between = torch.lerp(fine[below], fine[below + 1], place - below)
    return between * (frequencies <= _DESIGN_RATE / 2)


@lru_cache(maxsize=1)
def _fine_response() -> Float[Tensor, " F"]:
    with torch.inference_mode(False):
        bins = torch.arange(_DESIGN_BINS, dtype=torch.float64)
        magnitudes = sensitivity(bins * (_DESIGN_RATE / 2 / _DESIGN_BINS)).sqrt()
        taps = torch.fft.irfft(magnitudes, n=2 * (_DESIGN_BINS - 1)).roll(_TAPS // 2 - 1)[:_TAPS]
        return torch.view_as_real(torch.fft.rfft(taps, n=_FINE)).square().sum(-1)


def sensitivity(frequencies: Float[Tensor, "*F"]) -> Float[Tensor, "*F"]:
    """The factor by which the design changes the power of a frequency in Hz."""
    angle = (2 * math.pi * frequencies / _DESIGN_RATE).clamp(max=math.pi)
    warped = torch.tan((angle / 2).clamp(max=math.pi / 2 - 1e-9))
    high_pass = 1 / (1 + (_warped(120.0) / warped.clamp_min(1e-9)) ** 4)
    low_pass = 1 / (1 + (warped / _warped(10_000.0)) ** 2) ** 2
    return _shelf(angle) * _peak(angle) * high_pass * low_pass


def _warped(hertz: float) -> float:
    return math.tan(math.pi * hertz / _DESIGN_RATE)


def _shelf(angle: Tensor) -> Tensor:
    """Power response of the high shelf."""
    gain, place = 10 ** (5 / 40), 2 * math.pi * 1500 / _DESIGN_RATE
    cos, width = math.cos(place), math.sin(place) / math.sqrt(2)
    more, less, slope = gain + 1, gain - 1, 2 * math.sqrt(gain) * width
    above = (more + less * cos + slope, -2 * (less + more * cos), more + less * cos - slope)
    below = (more - less * cos + slope, 2 * (less - more * cos), more - less * cos - slope)
    return gain**2 * _power(above, angle) / _power(below, angle)


def _peak(angle: Tensor) -> Tensor:
    """Power response of the peak."""
    gain, place = 10 ** (2.5 / 40), 2 * math.pi * 500 / _DESIGN_RATE
    cos, width = math.cos(place), math.sin(place) / (2 * 1.5 / math.sqrt(2))
    above = (1 + width * gain, -2 * cos, 1 - width * gain)
    below = (1 + width / gain, -2 * cos, 1 - width / gain)
    return _power(above, angle) / _power(below, angle)


def _power(taps: tuple[float, float, float], angle: Tensor) -> Tensor:
    """|b₀ + b₁ z⁻¹ + b₂ z⁻²|² at an angle of the unit circle."""
    real = taps[0] + taps[1] * torch.cos(angle) + taps[2] * torch.cos(2 * angle)
    imaginary = taps[1] * torch.sin(angle) + taps[2] * torch.sin(2 * angle)
    return real**2 + imaginary**2
