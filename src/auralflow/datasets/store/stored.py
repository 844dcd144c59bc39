"""Raw samples in a file: where they lie, and the file that the cache keeps them in."""

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped
from numpy import ndarray

from auralflow.audio.wave_header import read_wave_header

__all__ = ["HEADER_BYTES", "StoredAudio", "find_in_cache", "find_in_wave", "header"]

# Magic, channels, samples, scale; padded so that the samples start at a multiple of a cache line.
_HEADER = struct.Struct("<8sIQd")
_MAGIC = b"AURALPCM"
HEADER_BYTES = 64


@dataclass
class StoredAudio:
    """One recording as raw samples at the store's rate, mapped into memory when they are first asked for.

    Copies that go to another process take the place along and not the samples.
    """

    path: Path
    offset: int
    """Bytes before the first sample."""
    dtype: str
    """`<i2`, `<i4` or `<f4`."""
    length: int
    """Samples of one channel."""
    channels: int
    scale: float
    """What a sample is to be multiplied with to be audio, whose full scale is ±1."""
    _map: Shaped[ndarray, "T C"] | None = field(default=None, repr=False, compare=False)

    @property
    def samples(self) -> Shaped[ndarray, "T C"]:
        """All samples, read-only; what is sliced from them is read from the disk then.

        Raises:
            OSError: the file is gone.
        """
        if self._map is None:
            self._map = np.memmap(
                self.path,
                dtype=self.dtype,
                mode="r",
                offset=self.offset,
                shape=(self.length, self.channels),
            )
        return self._map

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_map": None}


def find_in_wave(path: Path, sample_rate: int) -> StoredAudio | None:
    """The samples of a WAV file where they lie, if they are at this rate and of a type that numpy has.

    Raises:
        OSError: the file is gone.
    """
    with path.open("rb") as file:
        found = read_wave_header(file)
    if found is None or found.dtype is None or found.sample_rate != sample_rate:
        return None
    width = found.bits // 8
    length = found.size // (width * max(1, found.channels))
    if length == 0 or found.missing:
        return None
    scale = 1.0 if found.dtype == "<f4" else 2.0 ** (1 - found.bits)
    return StoredAudio(path, found.offset, found.dtype, length, found.channels, scale)


def find_in_cache(path: Path) -> StoredAudio | None:
    """A file of the cache; None where there is none, or one that is not as long as it says."""
    try:
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
        size = path.stat().st_size
    except FileNotFoundError:
        return None
    if len(head) < HEADER_BYTES:
        return None
    magic, channels, length, scale = _HEADER.unpack_from(head)
    if magic != _MAGIC or size != HEADER_BYTES + 2 * channels * length:
        return None
    return StoredAudio(path, HEADER_BYTES, "<i2", length, channels, scale)


def header(*, channels: int, length: int, scale: float) -> bytes:
    """The first `HEADER_BYTES` of a file of the cache; int16 samples follow, channels interleaved."""
    return _HEADER.pack(_MAGIC, channels, length, scale).ljust(HEADER_BYTES, b"\0")
