"""Audio as an image: levels over time and the logarithm of frequency, as pitch is heard."""

import numpy as np
from jaxtyping import Float

from auralflow.shapes import Audio

__all__ = ["LOWEST_HZ", "log_spectrogram", "loudest_start", "top_frequency"]

LOWEST_HZ = 50.0
_HIGHEST_HZ = 16_000.0
_WINDOW_SECONDS = 0.08
"""Long enough to part the low notes of a bass from one another, short enough for a drum to stay a line."""
_ROWS_PER_OCTAVE = 40


def top_frequency(sample_rate: int) -> float:
    """The upper edge of the image in Hz: 16 kHz, or half the sample rate where that is less."""
    return min(_HIGHEST_HZ, sample_rate / 2)


def log_spectrogram(
    audio: Audio, *, sample_rate: int, columns: int
) -> Float[np.ndarray, "rows columns"]:
    """Power density of the audio, channels averaged: rows from low to high, columns in time, evenly spaced.

    Each row is the mean over its band of frequencies, so that narrow bands of the bass and wide ones of the treble
    are told alike. Columns are centred on their part of the time; beyond both ends is silence.
    """
    window = max(16, round(_WINDOW_SECONDS * sample_rate))
    size = 1 << (2 * window - 1).bit_length()
    padded = np.pad(np.asarray(audio, dtype=np.float64), ((0, 0), (window // 2, window)))
    centres = (np.arange(columns) + 0.5) * audio.shape[-1] / columns
    taper = np.hanning(window)
    edges = _edges(sample_rate) * size / sample_rate
    image = np.empty((len(edges) - 1, columns))
    for column, start in enumerate(centres.astype(int)):
        spectrum = np.fft.rfft(padded[:, start : start + window] * taper, size)
        power = (np.abs(spectrum) ** 2).mean(0)
        # The area under the bins up to each edge: its slope is the mean power, however wide the band.
        area = np.interp(edges, np.arange(len(power) + 1) - 0.5, np.append(0.0, power.cumsum()))
        image[:, column] = np.diff(area) / np.diff(edges)
    return image


def _edges(sample_rate: int) -> Float[np.ndarray, " edges"]:
    """The frequencies between rows, in Hz."""
    top = top_frequency(sample_rate)
    lowest = min(LOWEST_HZ, top / 2)
    rows = max(1, round(np.log2(top / lowest) * _ROWS_PER_OCTAVE))
    return np.geomspace(lowest, top, rows + 1)


def loudest_start(audio: Audio, samples: int) -> int:
    """Where the `samples` samples with the most energy begin, to a hundredth of their number; 0 for silence."""
    step = max(1, samples // 100)
    energy = np.square(audio, dtype=np.float64).sum(0)
    area = np.append(0.0, energy.cumsum())
    starts = np.arange(0, max(1, audio.shape[-1] - samples + 1), step)
    return int(starts[np.argmax(area[np.minimum(starts + samples, len(energy))] - area[starts])])
