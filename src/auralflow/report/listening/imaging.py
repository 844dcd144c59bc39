"""Spectrograms as levels in a few steps, and waveforms as a few hundred bytes.

The page colours the levels, so that it can subtract one picture from another and follow a light or dark theme.
"""

import math
import zlib

import numpy as np
from jaxtyping import Float

from auralflow.report.spectrogram import log_spectrogram
from auralflow.shapes import Audio

__all__ = ["LEVEL_STEPS", "RANGE_DB", "levels", "power_image", "wave_outline"]

RANGE_DB = 70.0
LEVEL_STEPS = 64
"""1.1 dB apart: not seen, and half the bytes of 256."""
_MOST_COLUMNS = 720
_COLUMNS_PER_SECOND = 100
"""More would show nothing new, as the window is longer."""
_POOLED_ROWS = 2
_OUTLINE_POINTS = 400


def power_image(audio: Audio, sample_rate: int) -> Float[np.ndarray, "rows columns"]:
    """Power over time and the logarithm of frequency, rows from low to high."""
    wanted = math.ceil(_COLUMNS_PER_SECOND * audio.shape[1] / sample_rate)
    columns = min(_MOST_COLUMNS, wanted)
    image = log_spectrogram(audio, sample_rate=sample_rate, columns=columns)
    rows = len(image) // _POOLED_ROWS * _POOLED_ROWS
    if rows == 0:
        return image
    pooled: Float[np.ndarray, "rows columns"] = (
        image[:rows].reshape(-1, _POOLED_ROWS, columns).mean(1)
    )
    return pooled


def levels(power: Float[np.ndarray, "rows columns"], loudest: float) -> bytes:
    """Each point's level as a step from 0, `RANGE_DB` or more below `loudest`, to the highest, which is `loudest`.

    Rows come from high to low, each as its difference from the one above, which zlib compresses best.
    """
    floor = 10 ** (-RANGE_DB / 10)
    shares = 10 * np.log10(np.clip(power / loudest, floor, 1)) / RANGE_DB + 1
    steps = np.rint(shares[::-1] * (LEVEL_STEPS - 1)).astype(np.uint8)
    above = np.vstack([np.zeros_like(steps[:1]), steps[:-1]])
    return zlib.compress((steps - above).tobytes(), 9)


def wave_outline(audio: Audio) -> bytes:
    """The highest absolute sample of each part of the time, as bytes in which 127 is full scale."""
    peaks = np.abs(audio).max(0)
    edges = np.linspace(0, len(peaks), min(_OUTLINE_POINTS, len(peaks)) + 1).astype(int)[:-1]
    outline = np.clip(np.maximum.reduceat(peaks, edges), 0, 1)
    return bytes(np.rint(outline * 127).astype(np.uint8))
