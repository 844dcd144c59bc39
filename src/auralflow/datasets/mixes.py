"""How the stems of a dataset are mixed: how loud each is, how often it sounds, what it has of the energy."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.config import DataConfig
from auralflow.datasets.store import Store
from auralflow.datasets.store.loudness import block_energies
from auralflow.datasets.tracks import Dataset
from auralflow.errors import AudioError

__all__ = ["Mixes", "measure_mixes"]

_MOST = 50
_SILENT = 1e-6
"""Mean square of a block from which on it is not silent: −60 dB."""


@dataclass(frozen=True)
class Mixes:
    """Levels of stems in some tracks of a dataset."""

    tracks: tuple[str, ...]
    stems: tuple[str, ...]
    levels_db: tuple[Float[ndarray, " N"], ...]
    """For each stem the level of all its quarters of a second that are not silent, in decibels below full scale."""
    sounding: tuple[float, ...]
    """For each stem the share of the time in which it sounds."""
    energy: Float[ndarray, "T S"]
    """Share of each stem in a track's energy."""


def measure_mixes(
    dataset: Dataset,
    config: DataConfig,
    *,
    progress: Callable[[int, int, str], object] | None = None,
) -> Mixes:
    """Measure the tracks, evenly chosen ones where they are many; what cannot be read is left out."""
    store = Store(sample_rate=config.sample_rate, backend=config.backend, keeps=False)
    every = dataset.tracks
    chosen = [
        every[number * len(every) // min(_MOST, len(every))]
        for number in range(min(_MOST, len(every)))
    ]
    names = dataset.stem_names
    levels: list[list[Float[ndarray, " N"]]] = [[] for _ in names]
    sounding, blocks = np.zeros(len(names)), 0
    rows, measured = [], []
    for done, track in enumerate(chosen):
        if progress is not None:
            progress(done, len(chosen), track.name)
        row = np.zeros(len(names))
        longest = 0
        try:
            for place, name in enumerate(names):
                for part in track.recordings_of(name):
                    energies = block_energies(store.levels_of(part))
                    loud = energies[energies > _SILENT]
                    levels[place].append(10 * np.log10(loud))
                    sounding[place] += len(loud)
                    row[place] += energies.sum()
                    longest = max(longest, len(energies))
        except AudioError:
            continue
        blocks += longest
        if row.sum() > 0:
            rows.append(row / row.sum())
            measured.append(track.name)
    return Mixes(
        tuple(measured),
        names,
        tuple(np.concatenate(parts) if parts else np.zeros(0) for parts in levels),
        tuple(min(1.0, float(count) / max(1, blocks)) for count in sounding),
        np.array(rows).reshape(len(rows), len(names)),
    )
