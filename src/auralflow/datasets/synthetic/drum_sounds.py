"""What drums are made of: falling sines, bursts of noise, and the clang of metal."""

import numpy as np

from auralflow.datasets.synthetic.filters import band_noise
from auralflow.datasets.synthetic.tones import Line, decay, fade

__all__ = ["burst", "drop", "metal", "padded"]


def drop(sample_rate: int, seconds: float, *, high: float, low: float, glide: float) -> Line:
    """A sine that falls from `high` to `low` Hz with time constant `glide`, and dies away."""
    samples = round(seconds * sample_rate)
    time = np.arange(samples) / sample_rate
    turns = low * time + (high - low) * glide * (1.0 - np.exp(-time / glide))
    sound: Line = np.sin(2.0 * np.pi * turns).astype(np.float32)
    sound *= decay(samples, sample_rate=sample_rate, seconds=seconds)
    fade(sound, sample_rate=sample_rate, rise=0.0005, fall=0.01)
    return sound


def burst(
    rng: np.random.Generator, sample_rate: int, seconds: float, *, low: float, high: float
) -> Line:
    """Noise of one band that starts at once and dies away."""
    samples = max(1, round(seconds * sample_rate))
    noise = band_noise(rng, samples, sample_rate=sample_rate, low=low, high=high)
    noise *= decay(samples, sample_rate=sample_rate, seconds=seconds)
    fade(noise, sample_rate=sample_rate, rise=0.0005, fall=0.01)
    return noise


def metal(
    rng: np.random.Generator, sample_rate: int, seconds: float, *, low: float, ratios: Line
) -> Line:
    """A drum machine's cymbal: partials of six square waves, above `low` Hz, that die away.

    The partials are added one by one up to 0.45 of the sample rate, so that none folds back.
    """
    samples = max(1, round(seconds * sample_rate))
    time = np.arange(samples) / sample_rate
    sound = np.zeros(samples, dtype=np.float32)
    base = float(rng.uniform(395.0, 405.0))
    highest = min(15_000.0, 0.45 * sample_rate)
    for ratio in ratios:
        first = base * float(ratio)
        for number in range(1, 41, 2):
            frequency = number * first
            if min(low, 0.5 * highest) <= frequency < highest:
                turns = 2.0 * np.pi * (frequency * time + float(rng.random()))
                sound += np.sin(turns, dtype=np.float64).astype(np.float32)
    sound /= max(float(np.sqrt(np.mean(sound**2))), 1e-9)
    sound *= decay(samples, sample_rate=sample_rate, seconds=seconds)
    fade(sound, sample_rate=sample_rate, rise=0.0005, fall=0.01)
    return sound


def padded(line: Line, samples: int) -> Line:
    """The line with silence behind it, or cut, to a length."""
    return np.pad(line, (0, max(0, samples - len(line))))[:samples]
