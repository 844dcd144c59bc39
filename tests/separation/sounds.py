"""Sounds for the tests."""

import numpy as np
from numpy import ndarray


def noise(samples: int, channels: int = 2, *, peak: float = 0.5, seed: int = 0) -> ndarray:
    generator = np.random.default_rng(seed)
    return generator.uniform(-peak, peak, (channels, samples)).astype(np.float32)


def tone(samples: int, *, sample_rate: int, hertz: float = 440, channels: int = 2) -> ndarray:
    """A sine that starts and ends in silence, so that resampling has no edges to smear."""
    time = np.arange(samples) / sample_rate
    sine = 0.5 * np.sin(2 * np.pi * hertz * time) * np.hanning(samples)
    return np.stack([sine * 0.8**channel for channel in range(channels)]).astype(np.float32)


def in_blocks(audio: ndarray, size: int = 1000) -> list[ndarray]:
    return [audio[:, start : start + size] for start in range(0, audio.shape[1], size)]
