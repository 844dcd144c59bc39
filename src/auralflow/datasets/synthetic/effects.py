"""Filters, room and panning, by FFT."""

import numpy as np
from jaxtyping import Complex, Float
from numpy import ndarray

from auralflow.datasets.synthetic.tones import Line

__all__ = ["band_noise", "fast_length", "filter_over_time", "frame_size", "pan", "room"]

_DC_CORNER_HZ = 25.0


def fast_length(samples: int) -> int:
    """The smallest length of at least `samples` with no prime factor above 5, which an FFT does quickly."""
    best = 1 << (samples - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            two = 1 << max(0, (-(-samples // three) - 1).bit_length())
            best = min(best, three * two)
            three *= 3
        five *= 5
    return best


def band_noise(
    rng: np.random.Generator, samples: int, *, sample_rate: int, low: float, high: float
) -> Line:
    """White noise between two frequencies in Hz, with slopes of 12 dB an octave and an RMS of 1 over its length.

    Where the band lies beyond the Nyquist frequency, its lower slope is what is heard, so that low rates keep a hi-hat.
    """
    length = fast_length(samples)
    frequency = np.fft.rfftfreq(length, 1.0 / sample_rate)
    weight = 1.0 / (1.0 + (frequency / high) ** 2)
    weight[1:] /= 1.0 + (low / frequency[1:]) ** 2
    weight[0] = 0.0
    noise: Line = np.fft.irfft(np.fft.rfft(rng.standard_normal(length)) * weight, length)[:samples]
    return noise / max(float(np.sqrt(np.mean(noise**2))), 1e-9)


def pan(line: Line, position: float) -> Float[ndarray, "2 T"]:
    """Two channels at constant power; -1 is left, 0 the middle, 1 right."""
    angle = np.pi / 4 * (1.0 + position)
    return np.stack([np.cos(angle) * line, np.sin(angle) * line])


def room(
    dry: Float[ndarray, "2 T"],
    rng: np.random.Generator,
    *,
    sample_rate: int,
    seconds: float,
    wet: float,
    tail: int = 0,
) -> Float[ndarray, "2 U"]:
    """The sound with a room around it and without what lies below 25 Hz; `tail` samples longer than it was.

    The room is noise that falls by 60 dB in `seconds`, starts after 8 ms and darkens; `wet` is its energy in relation to
    the dry sound's.
    """
    samples = dry.shape[-1]
    response = _room_response(rng, sample_rate=sample_rate, seconds=seconds) * wet**0.5
    length = fast_length(samples + response.shape[-1])
    frequency = np.fft.rfftfreq(length, 1.0 / sample_rate)
    high_pass = frequency**2 / (frequency**2 + _DC_CORNER_HZ**2)
    # Single precision halves the time of the two longest transforms of a stem, and is exact beyond 16 bit.
    kernel = np.fft.rfft(response.astype(np.float32), length)
    kernel += 1.0
    kernel *= high_pass
    kernel *= np.fft.rfft(dry.astype(np.float32), length)
    out: Float[ndarray, "2 U"] = np.fft.irfft(kernel, length)
    return out[:, : samples + tail]


def _room_response(
    rng: np.random.Generator, *, sample_rate: int, seconds: float
) -> Float[ndarray, "2 T"]:
    samples, gap = round(seconds * sample_rate), round(0.008 * sample_rate)
    noise = np.stack(
        [
            band_noise(rng, samples, sample_rate=sample_rate, low=180.0, high=3500.0)
            for _ in range(2)
        ]
    )
    noise *= np.exp(np.arange(samples) * (-6.9 / samples))
    noise /= np.sqrt(np.sum(noise**2, axis=-1, keepdims=True))
    return np.pad(noise, ((0, 0), (gap, 0)))


def frame_size(sample_rate: int) -> int:
    """Length of the frames of `filter_over_time`: the power of two nearest to 23 ms."""
    return int(2 ** round(np.log2(0.023 * sample_rate)))


def filter_over_time(line: Line, gains: Complex[ndarray, "N F"], *, sample_rate: int) -> Line:
    """Filter with a response that changes from frame to frame.

    Frames of `frame_size` samples under a Hann window, half overlapping, each filtered on its own and added, so that one
    response fades into the next. Frame n is centred on sample `n * frame_size // 2`; `gains` holds its response on
    `frame_size + 1` bins from 0 Hz to Nyquist. A response longer than a frame wraps around.
    """
    size = frame_size(sample_rate)
    hop = size // 2
    count = len(gains)
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / size)
    padded = np.pad(line, (hop, max(0, (count + 1) * hop - hop - len(line))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[: count * hop : hop]
    filtered = np.fft.irfft(np.fft.rfft(frames * window, 2 * size) * gains, 2 * size)
    out = np.zeros((count + 3, hop))
    for part in range(4):
        out[part : part + count] += filtered[:, part * hop : (part + 1) * hop]
    return out.reshape(-1)[hop : hop + len(line)]
