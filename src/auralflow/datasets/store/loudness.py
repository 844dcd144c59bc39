"""How loud a recording is over time, measured once: what tells a chunk with singing from one without."""

from pathlib import Path
from uuid import uuid4

import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from auralflow.datasets.store.stored import Samples

__all__ = ["BLOCKS_A_SECOND", "block_energies", "measure", "read_levels", "write_levels"]

BLOCKS_A_SECOND = 4

_SILENT_DB = -127.5


def measure(audio: Samples, sample_rate: int) -> UInt8[ndarray, " N"]:
    """The level of each quarter of a second, mean over channels of the mean square, in half decibels above −127.5 dB.

    0 is silence, and 255 full scale or more, of which a sine reaches 249.
    """
    block = max(1, sample_rate // BLOCKS_A_SECOND)
    levels = np.empty(-(-audio.length // block), np.uint8)
    step = 64
    for first in range(0, len(levels), step):
        start, stop = first * block, min((first + step) * block, audio.length)
        samples = audio.read(start, stop).astype(np.float32)
        squares = np.einsum("tc,tc->t", samples, samples)
        sums = np.add.reduceat(squares, range(0, len(squares), block), dtype=np.float64)
        lengths = np.diff([*range(0, len(squares), block), len(squares)])
        energy = sums / lengths / audio.channels * audio.scale**2
        db = 10.0 * np.log10(np.maximum(energy, 1e-30))
        levels[first : first + len(sums)] = np.clip(np.rint(2 * (db - _SILENT_DB)), 0, 255)
    return levels


def block_energies(levels: UInt8[ndarray, " N"]) -> Float[ndarray, " N"]:
    """The mean squares that levels stand for; those of silence are zero."""
    energies: Float[ndarray, " N"] = _TABLE[levels]
    return energies


_TABLE = 10.0 ** ((np.arange(256) / 2 + _SILENT_DB) / 10)
_TABLE[0] = 0.0


def read_levels(path: Path) -> UInt8[ndarray, " N"] | None:
    """Levels that were written; None where they were not."""
    try:
        return np.fromfile(path, np.uint8)
    except FileNotFoundError:
        return None


def write_levels(path: Path, levels: UInt8[ndarray, " N"]) -> None:
    """Keep levels, whole or not at all.

    Raises:
        OSError: they cannot be written.
    """
    temporary = path.with_name(f"{uuid4().hex}.part")
    try:
        temporary.write_bytes(levels.tobytes())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
