"""Signals that any platform makes alike, from sines only: random generators may change with numpy's version."""

import numpy as np


def chirp(rate: float, phase: float, samples: int = 2600) -> np.ndarray:
    wave: np.ndarray = np.sin(rate * np.arange(samples) ** 1.5 + phase)
    return wave


def references(samples: int = 2600) -> np.ndarray:
    """Two stereo sources, (2, 2, samples), different in level and pitch."""
    first = [chirp(0.01, 0, samples), 0.5 * chirp(0.01, 1, samples)]
    second = [0.7 * chirp(0.003, 2, samples), 0.2 * chirp(0.004, 3, samples)]
    return np.stack([np.stack(first), np.stack(second)])


def estimates(samples: int = 2600) -> np.ndarray:
    """The same with a tenth of the other source, and a little that neither has, growing on the left."""
    truth = references(samples)
    growth = np.arange(samples) / samples
    foreign = np.stack([chirp(0.02, 4, samples) * growth, chirp(0.03, 5, samples)])
    return truth + 0.1 * truth[::-1] + 0.05 * foreign
