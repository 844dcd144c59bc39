"""Recordings for the tests of the sample store, and what it has made of them."""

from pathlib import Path

import numpy as np
import soundfile

from auralflow.audio import probe
from auralflow.datasets.store import Store
from auralflow.datasets.store.stored import Samples
from auralflow.datasets.tracks import Recording
from auralflow.shapes import Audio

RATE = 44_100


def noise(*, channels: int = 2, samples: int = 30_001, level: float = 0.1, seed: int = 0) -> Audio:
    white = np.random.default_rng(seed).standard_normal((channels, samples))
    audio: Audio = np.clip(level * white, -1, 1 - 2**-15).astype(np.float32)
    return audio


def record(path: Path, audio: Audio, *, rate: int = RATE, **options: str) -> Recording:
    soundfile.write(path, audio.T, rate, **options)
    return Recording(path, None, probe(path))


def whole(stored: Samples) -> np.ndarray:
    """All samples as they lie there, (samples, channels)."""
    samples: np.ndarray = stored.read(0, stored.length)
    return samples


def heard(stored: Samples) -> Audio:
    audio: Audio = (whole(stored) * np.float32(stored.scale)).T
    return audio


def files(store: Store) -> list[Path]:
    """Everything that the store has written."""
    return [path for path in store.folder.rglob("*") if path.is_file()]
