"""Filters by FFT: noise of a band, long responses in blocks, and responses that change over time."""

import numpy as np
from jaxtyping import Complex, Float
from numpy import ndarray

from auralflow.datasets.synthetic.tones import Line

__all__ = ["band_noise", "biquad_gain", "convolve", "fast_length", "filter_over_time", "frame_size"]


_BLOCK = 1 << 15


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
    frequency = np.fft.rfftfreq(length, 1.0 / sample_rate).astype(np.float32)
    weight = 1.0 / (1.0 + (frequency / np.float32(high)) ** 2)
    weight[1:] /= 1.0 + (np.float32(low) / frequency[1:]) ** 2
    weight[0] = 0.0
    white = rng.standard_normal(length, dtype=np.float32)
    noise: Line = np.fft.irfft(np.fft.rfft(white) * weight, length)[:samples].astype(np.float32)
    return noise / max(float(np.sqrt(np.mean(noise**2))), 1e-9)


def biquad_gain(
    upper: tuple[float, float, float],
    lower: tuple[float, float, float],
    frequency: Float[ndarray, " F"],
    *,
    sample_rate: int,
) -> Complex[ndarray, " F"]:
    """The response of a second-order filter, by the coefficients of its numerator and denominator in falling delay order."""
    back = np.exp(-2j * np.pi * frequency / sample_rate)
    gain: Complex[ndarray, " F"] = (upper[0] + upper[1] * back + upper[2] * back**2) / (
        lower[0] + lower[1] * back + lower[2] * back**2
    )
    return gain


def convolve(
    signal: Float[ndarray, "C T"], response: Float[ndarray, "C K"], *, tail: int = 0
) -> Float[ndarray, "C U"]:
    """The signal through a filter of finite length, `tail` samples longer than it was.

    Overlap-add in blocks that a processor's cache holds; in single precision, which is exact beyond 16 bit.
    """
    wanted = signal.shape[-1] + tail
    length = response.shape[-1]
    size = fast_length(signal.shape[-1] + length - 1)
    if size > 4 * length and size > _BLOCK:
        size = max(_BLOCK, 1 << (4 * length - 1).bit_length())
    step = size - length + 1
    kernel = np.fft.rfft(response.astype(np.float32), size)
    out = np.zeros((signal.shape[0], wanted), dtype=np.float32)
    for begin in range(0, signal.shape[-1], step):
        block = np.fft.rfft(signal[:, begin : begin + step].astype(np.float32, copy=False), size)
        block *= kernel
        here = out[:, begin : begin + size]
        here += np.fft.irfft(block, size)[:, : here.shape[-1]]
    return out


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
    window = (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / size)).astype(line.dtype)
    padded = np.pad(line, (hop, max(0, (count + 1) * hop - hop - len(line))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[: count * hop : hop]
    filtered = np.fft.irfft(np.fft.rfft(frames * window, 2 * size) * gains, 2 * size)
    out = np.zeros((count + 3, hop), dtype=line.dtype)
    for part in range(4):
        out[part : part + count] += filtered[:, part * hop : (part + 1) * hop]
    return out.reshape(-1)[hop : hop + len(line)]
