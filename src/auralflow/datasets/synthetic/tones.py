"""Oscillators and envelopes: how a note of an instrument is made, free of aliasing and of clicks."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["Line", "decay", "envelope", "exponential", "fade", "harmonics", "place", "tone"]

Line = Float[ndarray, "T"]
"""One channel of samples."""

_TABLE = 4096
_HIGHEST_HZ = 15_000.0


def harmonics(slope: float, corner: float, *, odd: bool = False, count: int = 64) -> Line:
    """Amplitudes of a tone's partials: `1 / n**slope`, and another octave-steep fall above partial `corner`.

    With `odd` the even partials are a tenth as strong, as in a clarinet or a square wave.
    """
    number = np.arange(1, count + 1)
    amplitudes: Line = number**-slope / np.sqrt(1.0 + (number / corner) ** 4)
    return amplitudes * np.where(odd & (number % 2 == 0), 0.1, 1.0)


def tone(
    frequency: float,
    samples: int,
    *,
    sample_rate: int,
    partials: Line,
    phase: float = 0.0,
    bend: Line | None = None,
) -> Line:
    """A steady tone; partials at or above 0.45 of the sample rate or 15 kHz are left out.

    One period is made as a table and read with linear interpolation; `phase` is in periods, and so is `bend`, which
    moves it from sample to sample, as a vibrato does.
    """
    limit = min(_HIGHEST_HZ, 0.45 * sample_rate)
    kept = partials[: int(limit / frequency)]
    spectrum = np.zeros(_TABLE // 2 + 1, dtype=complex)
    spectrum[1 : len(kept) + 1] = -0.5j * _TABLE * kept
    table = np.fft.irfft(spectrum).astype(np.float32)
    rise = np.append(table[1:], table[0]) - table
    position = np.arange(samples, dtype=np.float64)
    position *= frequency / sample_rate * _TABLE
    position += phase % 1.0 * _TABLE
    if bend is not None:
        position += bend * _TABLE
    whole = position.astype(np.int64)
    position -= whole
    whole &= _TABLE - 1
    sound: Line = rise[whole]
    sound *= position.astype(np.float32)
    sound += table[whole]
    return sound


def envelope(
    samples: int, *, sample_rate: int, attack: float, settle: float, sustain: float, release: float
) -> Line:
    """Rise in `attack` seconds, fall towards `sustain` (0 to 1) with time constant `settle`, end in `release`.

    Both ends are raised cosines and lie within `samples`, so that the note starts and stops without a click.
    """
    level: Line = exponential(samples, sample_rate=sample_rate, seconds=settle)
    level *= 1.0 - sustain
    level += sustain
    fade(level, sample_rate=sample_rate, rise=attack, fall=release)
    return level


def decay(samples: int, *, sample_rate: int, seconds: float) -> Line:
    """A fall by 60 dB in `seconds`."""
    return exponential(samples, sample_rate=sample_rate, seconds=seconds / 6.9)


def exponential(samples: int, *, sample_rate: int, seconds: float) -> Line:
    """A fall from 1 with time constant `seconds`."""
    time = np.arange(samples, dtype=np.float32)
    time *= np.float32(-1.0 / (seconds * sample_rate))
    return np.exp(time, out=time)


def fade(line: ndarray, *, sample_rate: int, rise: float, fall: float) -> None:
    """Bring the ends of the last axis to zero in place, with raised cosines of `rise` and `fall` seconds."""
    samples = line.shape[-1]
    for seconds, reverse in ((rise, False), (fall, True)):
        length = min(samples, round(seconds * sample_rate))
        ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(length, dtype=np.float32) / max(length, 1))
        if reverse:
            line[..., samples - length :] *= ramp[::-1]
        else:
            line[..., :length] *= ramp


def place(track: ndarray, sound: ndarray, start: int) -> None:
    """Add a sound to a track from sample `start` on; what lies before or behind the track is dropped."""
    begin, end = max(start, 0), min(start + sound.shape[-1], track.shape[-1])
    if begin < end:
        track[..., begin:end] += sound[..., begin - start : end - start]
