"""Signals that any platform makes alike, from sines only: random generators may change with numpy's version."""

import numpy as np


def chirp(rate: float, phase: float, samples: int = 2600) -> np.ndarray:
    wave: np.ndarray = np.sin(rate * np.arange(samples) ** 1.5 + phase)
    return wave


def references() -> np.ndarray:
    """Two stereo sources, (2, 2, 2600), different in level and pitch."""
    first = [chirp(0.01, 0), 0.5 * chirp(0.01, 1)]
    second = [0.7 * chirp(0.003, 2), 0.2 * chirp(0.004, 3)]
    return np.stack([np.stack(first), np.stack(second)])


def estimates() -> np.ndarray:
    """The same with a tenth of the other source, and a little that neither has, growing on the left."""
    truth = references()
    growth = np.arange(truth.shape[-1]) / truth.shape[-1]
    foreign = np.stack([chirp(0.02, 4) * growth, chirp(0.03, 5)])
    return truth + 0.1 * truth[::-1] + 0.05 * foreign
