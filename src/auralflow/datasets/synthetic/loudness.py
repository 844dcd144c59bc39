"""How loud a recording is, in LUFS.

Source: Recommendation ITU-R BS.1770-4, "Algorithms to measure audio programme loudness and true-peak audio level", 2015. The
filters' coefficients for rates other than 48 kHz follow from the analogue prototypes that its table implies, as libebur128
has them.
"""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.filters import biquad_gain, convolve, fast_length
from auralflow.shapes import Audio

__all__ = [
    "PIECE_SECONDS",
    "gated_loudness",
    "integrated_loudness",
    "piece_powers",
    "weighted_power",
]

PIECE_SECONDS = 0.1
"""Step of the measurement; its blocks are four of them."""

_RESPONSE_SECONDS = 0.25
"""Both filters have rung away by 500 dB after it."""
_OFFSET = -0.691
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0


def integrated_loudness(audio: Audio, sample_rate: int) -> float:
    """Gated loudness of the whole in LUFS; minus infinity for silence and for less than 0.4 s.

    All channels count alike, as left, right and centre do.
    """
    return gated_loudness(piece_powers(audio, sample_rate))


def piece_powers(audio: Audio, sample_rate: int) -> Float[ndarray, " N"]:
    """Mean of `weighted_power` over each whole tenth of a second."""
    piece = round(PIECE_SECONDS * sample_rate)
    count = audio.shape[-1] // piece
    power = weighted_power(audio, sample_rate)[: count * piece].reshape(count, piece)
    return np.asarray(np.mean(power, axis=-1, dtype=np.float64))


def weighted_power(audio: Audio, sample_rate: int) -> Float[ndarray, " T"]:
    """The square of each sample behind the K-weighting filter, summed over channels."""
    response = np.broadcast_to(_weighting(sample_rate), (len(audio), _length(sample_rate)))
    heard = convolve(audio, response)
    np.square(heard, out=heard)
    return np.asarray(heard.sum(axis=0))


def gated_loudness(powers: Float[ndarray, " N"]) -> float:
    """The loudness of pieces together: blocks of four, without those that are silent or 10 LU below the rest."""
    if len(powers) < 4:
        return -np.inf
    blocks = np.lib.stride_tricks.sliding_window_view(powers, 4).mean(axis=-1)
    kept = blocks[blocks > 10.0 ** ((_ABSOLUTE_GATE - _OFFSET) / 10.0)]
    if not len(kept):
        return -np.inf
    kept = kept[kept > 10.0 ** (_RELATIVE_GATE / 10.0) * kept.mean()]
    return float(_OFFSET + 10.0 * np.log10(kept.mean()))


def _length(sample_rate: int) -> int:
    return round(_RESPONSE_SECONDS * sample_rate)


def _weighting(sample_rate: int) -> Float[ndarray, " K"]:
    """Impulse response of the K-weighting: a shelf for the head, a high-pass for the ear."""
    size = fast_length(4 * _length(sample_rate))
    frequency = np.fft.rfftfreq(size, 1.0 / sample_rate)
    gain = _shelf(frequency, sample_rate) * _high_pass(frequency, sample_rate)
    return np.asarray(np.fft.irfft(gain, size)[: _length(sample_rate)])


def _shelf(frequency: Float[ndarray, " F"], sample_rate: int) -> ndarray:
    quality, height = 0.7071752369554196, 10.0 ** (3.999843853973347 / 20.0)
    turn = np.tan(np.pi * 1681.974450955533 / sample_rate)
    middle = height**0.4996667741545416
    upper = (
        height + middle * turn / quality + turn**2,
        2.0 * (turn**2 - height),
        height - middle * turn / quality + turn**2,
    )
    lower = (1.0 + turn / quality + turn**2, 2.0 * (turn**2 - 1.0), 1.0 - turn / quality + turn**2)
    return biquad_gain(upper, lower, frequency, sample_rate=sample_rate)


def _high_pass(frequency: Float[ndarray, " F"], sample_rate: int) -> ndarray:
    quality = 0.5003270373238773
    turn = np.tan(np.pi * 38.13547087602444 / sample_rate)
    lower = (1.0 + turn / quality + turn**2, 2.0 * (turn**2 - 1.0), 1.0 - turn / quality + turn**2)
    # The Recommendation's numerator is 1, -2, 1 whatever the denominator's first coefficient.
    scale = lower[0]
    upper = (scale, -2.0 * scale, scale)
    return biquad_gain(upper, lower, frequency, sample_rate=sample_rate)
