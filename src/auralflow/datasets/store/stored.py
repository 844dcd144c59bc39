"""Raw samples in a file: where they lie, and the file that the cache keeps them in."""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from jaxtyping import Shaped
from numpy import ndarray

from auralflow.audio.wave_header import read_wave_header
from auralflow.datasets.tracks import FileState, Recording

__all__ = ["HEADER_BYTES", "Samples", "StoredAudio", "find_in_cache", "find_in_wave", "header"]

# Magic, channels, samples, scale; padded so that the samples start at a multiple of a cache line.
_HEADER = struct.Struct("<8sIQd")
_MAGIC = b"AURALPCM"
HEADER_BYTES = 64


class Samples(Protocol):
    """One recording at the store's rate. Several threads may read it."""

    dtype: str
    """`<i2`, `<i4` or `<f4`."""
    length: int
    """Samples of one channel."""
    channels: int
    scale: float
    """What a sample is to be multiplied with to be audio, whose full scale is ±1."""
    is_planar: bool
    """Whether the samples of one channel lie behind those of another, rather than beside them."""

    def read(self, start: int, stop: int) -> Shaped[ndarray, "T C"]:
        """The samples from `start` to `stop`, both within the recording."""
        ...

    def read_into(self, target: Shaped[ndarray, "T C"], start: int) -> None:
        """Fill `target` from sample `start` on; one channel fills all.

        Nothing is moved twice where `target` has the type, the channels and the order of `read`.
        """
        ...

    def close(self) -> None:
        """Give the file back; reading opens it again."""
        ...


@dataclass
class StoredAudio:
    """One recording as raw samples at the store's rate, in a file that is opened when they are first asked for.

    They are read by position into the memory they are wanted in. That is as fast as a memory map, counts nothing to a
    process's memory, and a file that is cut off meanwhile is an error rather than the end of the process. Threads take
    turns in a file.
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
    state: FileState | None = None
    """The file's when it was looked into; another is an error. None where the file never changes."""
    is_planar: bool = False
    """Whether the samples of one channel lie behind those of another, rather than beside them."""
    _file: int | None = field(default=None, repr=False, compare=False)
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def read(self, start: int, stop: int) -> Shaped[ndarray, "T C"]:
        """The samples from `start` to `stop`, both within the recording.

        Raises:
            OSError: the file is gone, or has changed.
        """
        shape = (stop - start, self.channels)
        samples = np.empty(shape, self.dtype, order="F" if self.is_planar else "C")
        self._fill(samples, start)
        return samples

    def read_into(self, target: Shaped[ndarray, "T C"], start: int) -> None:
        """Fill `target` from sample `start` on; one channel fills all.

        Raises:
            OSError: the file is gone, or has changed.
        """
        planes = target.strides[0] == target.itemsize
        fits = target.dtype == self.dtype and target.shape[1] == self.channels
        if fits and (planes if self.is_planar else target.flags.c_contiguous):
            self._fill(target, start)
        else:
            target[:] = self.read(start, start + len(target))

    def close(self) -> None:
        """Give the file back; reading opens it again."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _fill(self, target: Shaped[ndarray, "T C"], start: int) -> None:
        """Read into memory that has the samples' own order."""
        with self._opened() as file:
            if not self.is_planar:
                self._read(file, target, start * self.channels)
                return
            for channel, plane in enumerate(target.T):
                self._read(file, plane, channel * self.length + start)

    def _read(self, file: int, target: Shaped[ndarray, "..."], word: int) -> None:
        if target.nbytes == 0:
            return
        place = self.offset + word * target.itemsize
        left = memoryview(target.data).cast("B")
        while done := os.preadv(file, [left], place):
            if done == len(left):
                return
            left, place = left[done:], place + done
        raise OSError(None, "it was cut off meanwhile", str(self.path))

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The file, which no other thread closes meanwhile."""
        with self._lock:
            if self._file is None:
                self._file = self._open()
            yield self._file

    def _open(self) -> int:
        file = os.open(self.path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        if self.state is not None and FileState.of(os.fstat(file)) != self.state:
            os.close(file)
            raise OSError(None, "it has changed meanwhile", str(self.path))
        return file

    def __del__(self) -> None:
        self.close()


def find_in_wave(recording: Recording, sample_rate: int) -> StoredAudio | None:
    """The samples of a WAV file where they lie, if they are at this rate and of a type that numpy has.

    Raises:
        OSError: the file is gone.
    """
    if recording.stream or recording.info.sample_rate != sample_rate:
        return None
    info, raw, state = recording.info, recording.raw, recording.state
    if state is not None:
        if raw is None:
            return None
        offset, dtype = raw
    else:
        with recording.path.open("rb") as file:
            state = FileState.of(os.fstat(file.fileno()))
            found = read_wave_header(file)
        if found is None or found.dtype is None or found.missing:
            return None
        offset, dtype = found.offset, found.dtype
    width = np.dtype(dtype).itemsize
    return StoredAudio(
        recording.path,
        offset + (recording.start or 0) * info.channels * width,
        dtype,
        info.samples,
        info.channels,
        1.0 if dtype == "<f4" else 2.0 ** (1 - 8 * width),
        state,
    )


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
    return StoredAudio(path, HEADER_BYTES, "<i2", length, channels, scale, is_planar=True)


def header(*, channels: int, length: int, scale: float) -> bytes:
    """The first `HEADER_BYTES` of a file of the cache; int16 samples follow, channel after channel."""
    return _HEADER.pack(_MAGIC, channels, length, scale).ljust(HEADER_BYTES, b"\0")
