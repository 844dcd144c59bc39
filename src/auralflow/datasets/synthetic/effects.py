"""Rooms, panning and width."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.filters import band_noise, biquad_gain, convolve, fast_length
from auralflow.datasets.synthetic.tones import Line

__all__ = ["Room", "echo", "pan", "spread"]

_LOWEST_HZ = 25.0
_LEAST_SECONDS = 0.12
"""Shortest response: the high-pass filter below 25 Hz has rung away by then."""


def pan(line: Line, position: float) -> Float[ndarray, "2 T"]:
    """Two channels at constant power; -1 is left, 0 the middle, 1 right."""
    angle = np.pi / 4 * (1.0 + position)
    out = np.empty((2, len(line)), dtype=line.dtype)
    np.multiply(line, line.dtype.type(np.cos(angle)), out=out[0])
    np.multiply(line, line.dtype.type(np.sin(angle)), out=out[1])
    return out


def spread(
    stereo: Float[ndarray, "2 T"], *, sample_rate: int, seconds: float
) -> Float[ndarray, "2 T"]:
    """The right channel later by some milliseconds, which a listener hears as width."""
    late = min(round(seconds * sample_rate), stereo.shape[-1])
    out = stereo.copy()
    out[1, :late] = 0.0
    out[1, late:] = stereo[1, : stereo.shape[-1] - late]
    return out


def echo(
    dry: Float[ndarray, "2 T"], *, sample_rate: int, seconds: float, level: float, times: int = 3
) -> Float[ndarray, "2 T"]:
    """The sound and its repeats, each `level` times the one before and on the other side."""
    out = dry.copy()
    for number in range(1, times + 1):
        late = round(number * seconds * sample_rate)
        if late >= dry.shape[-1]:
            break
        heard = dry[:, : dry.shape[-1] - late]
        out[:, late:] += np.float32(level**number) * (heard[::-1] if number % 2 else heard)
    return out


class Room:
    """A room around a sound, and no sound below 25 Hz.

    A few reflections from walls, then noise that falls by 60 dB in `seconds` and darkens, from 8 ms on; `wet` is its
    energy in relation to the dry sound's.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        *,
        sample_rate: int,
        seconds: float,
        wet: float,
        brightness: float = 3500.0,
    ) -> None:
        self.sample_rate = sample_rate
        self.seconds = seconds
        late = _reverberation(rng, sample_rate=sample_rate, seconds=seconds, brightness=brightness)
        late *= np.float32(wet**0.5)
        self._response = _with_direct_sound(late, sample_rate)

    def __call__(self, dry: Float[ndarray, "2 T"], *, tail: int = 0) -> Float[ndarray, "2 U"]:
        """The sound in the room, `tail` samples longer than it was."""
        return convolve(dry, self._response, tail=tail)


def _reverberation(
    rng: np.random.Generator, *, sample_rate: int, seconds: float, brightness: float
) -> Float[ndarray, "2 T"]:
    """Reflections and their decay, with unit energy in each channel."""
    samples, gap = round(seconds * sample_rate), round(0.008 * sample_rate)
    walls = rng.uniform((0.0, 0.3), (0.05, 1.0), size=(6, 2))
    noise = np.stack(
        [
            band_noise(rng, samples, sample_rate=sample_rate, low=180.0, high=brightness)
            for _ in range(2)
        ]
    )
    noise *= np.exp(np.arange(samples, dtype=np.float32) * np.float32(-6.9 / samples))
    for number, (moment, loudness) in enumerate(walls):
        at = min(round(moment * sample_rate), samples - 1)
        noise[number % 2, at] += 4.0 * loudness
    noise /= np.sqrt(np.sum(noise**2, axis=-1, keepdims=True))
    return np.pad(noise, ((0, 0), (gap, 0)))


def _with_direct_sound(late: Float[ndarray, "2 T"], sample_rate: int) -> Float[ndarray, "2 U"]:
    """One impulse before the reflections, and all of it through a Butterworth high-pass of second order."""
    length = max(late.shape[-1] + 1, round(_LEAST_SECONDS * sample_rate))
    response = np.zeros((2, length), dtype=np.float32)
    response[:, : late.shape[-1]] = late
    response[:, 0] += 1.0
    size = fast_length(2 * length)
    frequency = np.fft.rfftfreq(size, 1.0 / sample_rate)
    corner = np.tan(np.pi * _LOWEST_HZ / sample_rate)
    high_pass = biquad_gain(
        (1.0, -2.0, 1.0),
        (
            1.0 + 2**0.5 * corner + corner**2,
            2.0 * (corner**2 - 1.0),
            1.0 - 2**0.5 * corner + corner**2,
        ),
        frequency,
        sample_rate=sample_rate,
    )
    through = np.fft.irfft(np.fft.rfft(response, size) * high_pass, size)[:, :length]
    return through.astype(np.float32)
