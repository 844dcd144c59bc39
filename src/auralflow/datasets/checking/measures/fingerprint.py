"""A recording's fingerprint, which survives other encodings, levels, rates and beginnings.

Each step in time has 32 bits: for each two neighbouring bands of 33, whether the difference of their energies grows. Bits
of one recording in two encodings agree to some 90 %, those of two recordings to half.

Source: Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System", ISMIR 2002. Differs from it: a quarter of
its steps a second, which is enough where whole songs are compared, and steps that are silent have no bits.
"""

import numpy as np
from jaxtyping import Float, UInt32
from numpy import ndarray

from auralflow.audio import StreamResampler

__all__ = ["STEPS_A_SECOND", "Fingerprinter", "Print"]

Print = UInt32[ndarray, " N"]
"""A word of bits for each step; 0 where it is silent."""

_RATE = 5512
_WINDOW, _HOP = 2048, 256
STEPS_A_SECOND = _RATE / _HOP
_BANDS_HZ = (300.0, 2000.0)
_SILENT = 1e-7
"""Mean square of a window below which it has no bits: -70 dB of full scale."""


class Fingerprinter:
    """Takes a mono signal block by block."""

    def __init__(self, sample_rate: int) -> None:
        self._resampler = StreamResampler(sample_rate, _RATE, 1)
        self._taper = np.hanning(_WINDOW).astype(np.float32)
        hertz = np.geomspace(*_BANDS_HZ, 34)
        self._edges = np.round(hertz * _WINDOW / _RATE).astype(np.int64)
        self._rest = np.zeros(0, np.float32)
        self._before: Float[ndarray, " K"] | None = None
        self._words: list[Print] = []

    def push(self, mono: Float[ndarray, " T"]) -> None:
        """Take the next block."""
        self._take(self._resampler.push(mono[None])[0])

    def result(self) -> Print:
        """The fingerprint of all that was pushed; of no length for less than half a second."""
        self._take(self._resampler.finish()[0])
        return np.concatenate([np.zeros(0, np.uint32), *self._words])

    def _take(self, signal: Float[ndarray, " T"]) -> None:
        signal = np.concatenate([self._rest, signal])
        count = max(0, (len(signal) - _WINDOW) // _HOP + 1)
        self._rest = signal[count * _HOP :]
        if not count:
            return
        windows = np.lib.stride_tricks.sliding_window_view(signal, _WINDOW)[: count * _HOP : _HOP]
        silent = np.einsum("nt,nt->n", windows, windows) < _SILENT * _WINDOW
        spectra = np.fft.rfft(windows * self._taper, axis=1)
        power = (spectra.real**2 + spectra.imag**2)[:, : self._edges[-1]]
        bands = np.add.reduceat(power, self._edges[:-1], axis=1)
        if self._before is None:
            self._before = bands[0]
        bands = np.concatenate([self._before[None], bands])
        self._before = bands[-1]
        slopes = np.diff(bands, axis=1)
        bits = (slopes[1:] < slopes[:-1]).astype(np.uint8)
        words = np.packbits(bits, axis=1).view(">u4")[:, 0].astype(np.uint32)
        words[silent] = 0
        self._words.append(words)
