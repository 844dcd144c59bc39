"""Picking by chance: a track among tracks, and a place among those where a stem sounds."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

__all__ = ["SoundingPlaces", "Urn", "below", "unit"]

_WORD = 64


class Urn:
    """Whole numbers, to be picked in proportion to their chances."""

    def __init__(self, entries: Sequence[int], chances: Sequence[int] | Mapping[int, int]) -> None:
        """`chances` are looked up by entry."""
        self._entries = tuple(entries)
        self._ends = tuple(accumulate(chances[entry] for entry in entries))

    def pick(self, word: int) -> int:
        """The entry that a 64-bit word stands for."""
        return self._entries[bisect_right(self._ends, below(self._ends[-1], word))]


class SoundingPlaces:
    """The places of a chunk at which one stem is louder than silence, to a block of samples."""

    def __init__(self, *, block: int, chunk_samples: int, threshold_db: float) -> None:
        """No track yet; `block` are the samples that each of the levels to come stands for."""
        self._block = block
        self._chunk = chunk_samples
        self._blocks = max(1, -(-chunk_samples // block))
        self._least = 10.0 ** (threshold_db / 10.0)
        self._places: dict[int, tuple[UInt8[ndarray, " N"], int, int]] = {}
        """For each track that sounds: its places as bits, how many there are, and how many sound."""
        self._rooms: dict[int, int] = {}

    def add(self, track: int, energies: Float[ndarray, " N"], length: int) -> None:
        """A track by the mean squares of its blocks and its length in samples."""
        sums = np.concatenate([[0.0], np.cumsum(energies)])
        count = max(1, (length - self._chunk) // self._block + 1)
        ends = np.minimum(np.arange(count) + self._blocks, len(energies))
        means = (sums[ends] - sums[np.minimum(np.arange(count), len(energies))]) / self._blocks
        sounds = means > self._least
        if sounds.any():
            self._places[track] = (np.packbits(sounds), count, int(sounds.sum()))
            self._rooms[track] = length - self._chunk

    def urn(self, chances: Sequence[int], among: Sequence[int] | None = None) -> Urn | None:
        """The tracks that sound, by how much of them does; None where none does."""
        allowed = None if among is None else set(among)
        tracks = [track for track in self._places if allowed is None or track in allowed]
        shares = {}
        for track in tracks:
            _, count, sounding = self._places[track]
            shares[track] = max(1, chances[track] * sounding // count)
        return Urn(tracks, shares) if tracks else None

    def start(self, track: int, word: int, finer: int) -> int | None:
        """A first sample in a track from where a chunk sounds; None for a track shorter than a chunk.

        `word` says which block, `finer` where in it.
        """
        bits, count, sounding = self._places[track]
        room = self._rooms[track]
        if room < 0:
            return None
        blocks = np.flatnonzero(np.unpackbits(bits, count=count))
        first = int(blocks[below(sounding, word)]) * self._block
        return first + below(min(self._block, room - first + 1), finer)


def below(limit: int, word: int) -> int:
    """A 64-bit word as a whole number from 0 to `limit - 1`."""
    return word * limit >> _WORD


def unit(word: int) -> float:
    """A 64-bit word as a number in [0, 1): its upper 53 bits, which a float holds exactly."""
    return (word >> 11) * 2.0**-53
