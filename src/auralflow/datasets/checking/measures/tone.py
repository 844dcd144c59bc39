"""What a recording sounds like in a few numbers: where its energy lies, and whether it is struck or held."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["FEATURES", "Tone", "ToneMeter"]

FEATURES = ("low_db", "centre_octaves", "struck_octaves", "noisy_decades")
"""What the numbers of `Tone.features` are called."""

_WINDOW_SECONDS = 0.046
_SOUNDING = 1e-6
"""Mean square from which on a window counts: -60 dB of full scale."""
_LOW_HZ = 150.0
_LOW_DB = (-30.0, 20.0)
_BAND_HZ = (100.0, 8000.0)
_FEWEST = 20
"""Windows that must sound for the numbers to mean anything: half a second."""


@dataclass(frozen=True)
class Tone:
    """The mean spectrum of what sounds, and features of it."""

    sample_rate: int
    power: Float[ndarray, " F"]
    """Mean power in each bin from 0 to half the rate, over the windows that sound."""
    windows: int
    """How many sound."""
    features: Float[ndarray, "4"] | None
    """In the order of `FEATURES`; None where too little sounds. Energy below 150 Hz against that above; centroid of the
    amplitudes, as a power of two in Hz; how much the spectrum changes from window to window against from bin to bin,
    which is high for what is struck and low for what is held (after Fitzgerald, "Harmonic/percussive separation using
    median filtering", DAFx 2010); spectral flatness from 0.1 to 8 kHz."""


class ToneMeter:
    """Gathers the spectrum of a mono signal block by block."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._size = 2 ** max(4, round(np.log2(_WINDOW_SECONDS * sample_rate)))
        self._hop = self._size // 2
        self._taper = np.hanning(self._size).astype(np.float32)
        hertz = np.fft.rfftfreq(self._size, 1 / sample_rate)
        self._hertz = hertz
        self._band = slice(*np.searchsorted(hertz, _BAND_HZ))
        self._rest = np.zeros(0, np.float32)
        self._before: Float[ndarray, " F"] | None = None
        self._windows, self._pairs = 0, 0
        self._power = np.zeros(len(hertz))
        self._amplitude = np.zeros(len(hertz))
        self._in_time, self._after, self._in_pitch, self._inside = 0.0, 0.0, 0.0, 0.0
        self._flatness = 0.0

    def push(self, mono: Float[ndarray, " T"]) -> None:
        """Take the next block."""
        signal = np.concatenate([self._rest, mono])
        count = max(0, (len(signal) - self._size) // self._hop + 1)
        self._rest = signal[count * self._hop :]
        if not count:
            return
        windows = np.lib.stride_tricks.sliding_window_view(signal, self._size)[
            : count * self._hop : self._hop
        ]
        sounding = np.einsum("nt,nt->n", windows, windows) > _SOUNDING * self._size
        if not sounding.any():
            self._before = None
            return
        spectra = np.fft.rfft(windows * self._taper, axis=1)
        power = (spectra.real**2 + spectra.imag**2).astype(np.float64) / self._size
        self._add(power, sounding)

    def _add(self, power: Float[ndarray, "N F"], sounding: ndarray) -> None:
        amplitude = np.sqrt(power)
        heard = power[sounding]
        self._windows += len(heard)
        self._power += heard.sum(axis=0)
        self._amplitude += amplitude[sounding].sum(axis=0)
        band = amplitude[:, self._band]
        if band.shape[1] < 2:  # rates of a few hundred Hz, which nobody calls music
            return
        self._in_pitch += float(np.abs(np.diff(band[sounding], axis=1)).sum())
        self._inside += float(band[sounding].sum())
        if self._before is not None:
            band = np.concatenate([self._before[None], band])
            sounding = np.concatenate([[True], sounding])
        both = sounding[1:] & sounding[:-1]
        self._in_time += float(np.abs(np.diff(band, axis=0))[both].sum())
        self._after += float(band[1:][both].sum())
        self._before = band[-1] if sounding[-1] else None
        floored = heard[:, self._band] + 1e-10
        self._flatness += float((np.exp(np.log(floored).mean(axis=1)) / floored.mean(axis=1)).sum())

    def result(self) -> Tone:
        """What was gathered."""
        count = max(self._windows, 1)
        features = self._features() if self._windows >= _FEWEST and self._after > 0 else None
        return Tone(self._rate, self._power / count, self._windows, features)

    def _features(self) -> Float[ndarray, "4"]:
        low = self._power[self._hertz < _LOW_HZ].sum()
        high = self._power[self._hertz >= _LOW_HZ].sum()
        centre = (self._amplitude * self._hertz).sum() / max(self._amplitude.sum(), 1e-12)
        struck = (self._in_time / self._after) / max(self._in_pitch / self._inside, 1e-12)
        return np.array(
            [
                np.clip(10 * np.log10((low + 1e-12) / (high + 1e-12)), *_LOW_DB),
                np.log2(max(centre, 1.0)),
                np.log2(max(struck, 1e-6)),
                np.log10(max(self._flatness / self._windows, 1e-12)),
            ]
        )
