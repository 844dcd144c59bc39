"""What a process does with memory that it is done with: keep it, or give it back to the system.

glibc asks the system for each large block by itself and returns it when it is freed. The system hands such a block out in pages
of 4 kB, each of which it clears when it is first touched: for a batch of tens of megabytes that takes longer than
computing it does. A process that makes the same tensors in every step is faster if it keeps the memory between them.

And once a large block was freed, glibc takes blocks of its size from the heap, up to 32 MiB. There tensors that live for a
moment lie between those that live for a segment, and what is freed stays with the process as holes into which the next do not
fit. With the hybrid networks that was 50 to 75 of some 350 MB for a song, so it goes back while one is separated.

Source: mallopt(3).
"""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

__all__ = ["keep_freed_memory", "returning_freed_memory"]

# <malloc.h>
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4
_NEVER = 2**31 - 1
_MIB = 2**20
_RETURNING = {_MMAP_THRESHOLD: 4 * _MIB, _TRIM_THRESHOLD: 8 * _MIB}
"""Bytes from which a block has pages of its own, and which may stay free at the heap's end. With 1 MiB there, Hybrid Demucs takes
a third longer for clearing pages."""
_USUAL = {_MMAP_THRESHOLD: 32 * _MIB, _TRIM_THRESHOLD: 64 * _MIB}
"""What glibc comes to by itself where large blocks are freed."""
_VARIABLES = ("MALLOC_MMAP_MAX_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")


class _Process:
    """What has been asked of this process."""

    lock = Lock()
    keeps = False
    returning = 0
    """How often it is being asked for now."""


def keep_freed_memory() -> bool:
    """Let this process keep what it frees, for all that is allocated from now on; False where the C library cannot.

    Its peak stays what it was, but it does not shrink afterwards: for processes that train, not for a library.

    What is kept is what the main thread has asked for: the heaps of others are given back whole. No blocks of their own
    (`M_MMAP_MAX` 0), and nothing trimmed from the heap's end.
    """
    with _Process.lock:
        _Process.keeps = _set({_MMAP_MAX: 0, _TRIM_THRESHOLD: _NEVER})
        return _Process.keeps


@contextmanager
def returning_freed_memory() -> Iterator[None]:
    """Give large blocks back as soon as they are freed, whatever thread frees them; several may ask at a time.

    Nothing changes in a process that keeps its memory, without glibc, or where the environment has settled it.
    """
    with _Process.lock:
        _Process.returning += 1
        if _Process.returning == 1:
            _set_unless_settled(_RETURNING)
    try:
        yield
    finally:
        with _Process.lock:
            _Process.returning -= 1
            if not _Process.returning:
                _set_unless_settled(_USUAL)


def _set_unless_settled(limits: dict[int, int]) -> None:
    settled = "glibc.malloc." in os.environ.get("GLIBC_TUNABLES", "") or any(
        variable in os.environ for variable in _VARIABLES
    )
    if not (settled or _Process.keeps):
        _set(limits)


def _set(limits: dict[int, int]) -> bool:
    """Whether the C library did as it was told."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False  # musl, for one
    done = [mallopt(name, number) for name, number in limits.items()]
    return all(done)
