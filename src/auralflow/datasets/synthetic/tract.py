"""The vocal tract: a train of glottal pulses, and the formants that move from vowel to vowel.

The pulses are those of Stilson and Smith, "Alias-free digital synthesis of classic analog waveforms", ICMC 1996; the formants
stand in parallel as in Klatt, "Software for a cascade/parallel formant synthesizer", JASA 1980.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Complex
from numpy import ndarray

from auralflow.datasets.synthetic.filters import frame_size
from auralflow.datasets.synthetic.tones import Line

__all__ = ["SHAPES", "VOWELS", "glottal_pulses", "tract_response"]

# Centres of the first five formants in Hz, of an average adult, and how strong each is in dB.
Shape = tuple[tuple[int, ...], tuple[int, ...]]
VOWELS: dict[str, Shape] = {
    "a": ((800, 1150, 2850, 3600, 4900), (0, -3, -13, -15, -24)),
    "e": ((450, 2000, 2700, 3650, 4900), (0, -10, -13, -15, -24)),
    "i": ((300, 2350, 3000, 3700, 4900), (0, -12, -14, -16, -24)),
    "o": ((480, 820, 2750, 3500, 4900), (0, -5, -16, -17, -26)),
    "u": ((340, 700, 2650, 3500, 4900), (0, -9, -20, -20, -28)),
    "ae": ((700, 1700, 2500, 3600, 4900), (0, -6, -12, -15, -24)),
    "uh": ((600, 1200, 2550, 3500, 4900), (0, -6, -14, -16, -25)),
    "er": ((490, 1350, 1700, 3400, 4900), (0, -7, -10, -18, -28)),
}
SHAPES: dict[str, Shape] = VOWELS | {
    # The nose swallows what is above the first formant; tongue and lips colour the others.
    "m": ((270, 1000, 2200, 3300, 4900), (-8, -28, -34, -36, -44)),
    "n": ((280, 1500, 2500, 3400, 4900), (-8, -26, -32, -34, -42)),
    "l": ((360, 1100, 2750, 3500, 4900), (-4, -14, -20, -24, -34)),
    "r": ((420, 1200, 1600, 3300, 4900), (-4, -10, -12, -24, -34)),
    "w": ((320, 650, 2500, 3400, 4900), (-4, -14, -28, -30, -38)),
    "y": ((280, 2300, 3050, 3700, 4900), (-4, -16, -18, -22, -30)),
}
_WIDTHS_HZ = (80.0, 95.0, 130.0, 160.0, 220.0)


def tract_response(
    knots: Sequence[float],
    shapes: Sequence[str],
    samples: int,
    *,
    sample_rate: int,
    size: float,
    tilt: float,
) -> Complex[ndarray, "N F"]:
    """The response of source and tract for the frames of `filter_over_time` over a line of `samples`.

    At each of `knots`, in rising seconds, the tract has the shape of that name; between two of them the formants glide.
    `size` is a factor on all formants, `tilt` the fall of the source's spectrum in powers of the frequency.
    """
    bins = frame_size(sample_rate) + 1
    hop = frame_size(sample_rate) // 2
    moments = np.arange(-(-samples // hop) + 1) * hop / sample_rate
    table = np.array([SHAPES[name] for name in shapes], dtype=float)
    frequency = np.linspace(0.0, sample_rate / 2, bins)
    response = np.zeros((len(moments), bins), dtype=np.complex64)
    for formant, width in enumerate(_WIDTHS_HZ):
        centre = np.interp(moments, knots, table[:, 0, formant]) * size
        level = 10.0 ** (np.interp(moments, knots, table[:, 1, formant]) / 20.0)
        sign = -1.0 if formant % 2 else 1.0
        response += _resonance(frequency, centre, sign * level, width)
    source = (np.maximum(frequency, 120.0) / 120.0) ** -tilt
    high_pass = frequency**2 / (frequency**2 + 90.0**2)
    response *= (source * high_pass).astype(np.float32)
    return response


def glottal_pulses(pitch: Line, *, sample_rate: int, start: float) -> Line:
    """A band-limited pulse train: all partials below 0.45 of the sample rate or 12 kHz, with unit energy."""
    partials = max(1, int(min(12_000.0, 0.45 * sample_rate) / float(pitch.max())))
    half = np.cumsum(pitch, dtype=np.float64)
    half *= np.pi / sample_rate
    half += np.pi * start
    below = np.sin(half)
    near_zero = np.abs(below) < 1e-6
    below[near_zero] = 1.0
    half *= 2 * partials + 1
    train: Line = np.sin(half, out=half)
    train /= below
    train[near_zero] = 2.0 * partials + 1.0
    train -= 1.0
    train /= np.sqrt(2.0 * partials)
    return train


def _resonance(frequency: Line, centre: Line, level: Line, width: float) -> Complex[ndarray, "N F"]:
    """A second-order resonance for each frame, `level` high at `centre`, falling away on both sides."""
    f = frequency[None, :].astype(np.float32)
    c = centre[:, None].astype(np.float32)
    slack = np.float32(width) * f
    top = (level * width)[:, None].astype(np.float32) * f
    apart = c * c - f * f
    scale = top / (apart * apart + slack * slack + np.float32(1.0))
    out = np.empty(scale.shape, dtype=np.complex64)
    np.multiply(scale, slack, out=out.real)
    np.multiply(scale, apart, out=out.imag)
    return out
