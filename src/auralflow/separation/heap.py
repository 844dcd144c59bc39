"""Memory that a separation is done with goes back to the system.

Once a program has freed a large block, glibc (`man mallopt`) takes blocks of that size from its heap, up to 32 MiB.
There tensors that live for a moment lie between those that live for a segment, and what is freed stays with the process
as holes into which the next do not fit. Of what the hybrid networks take, that was the larger half.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

__all__ = ["tidy_heap"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of `malloc.h`."""
_MIB = 2**20
_TIDY = {_MMAP_THRESHOLD: 8 * _MIB, _TRIM_THRESHOLD: 32 * _MIB}
"""Bytes from which a block has pages of its own, and which may stay free at the heap's end. With less of either, pages
are cleared so often that it takes time."""
_USUAL = {_MMAP_THRESHOLD: 32 * _MIB, _TRIM_THRESHOLD: 64 * _MIB}
"""What glibc comes to by itself where large blocks are freed."""
_VARIABLES = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")

_lock = Lock()
_inside = 0


@contextmanager
def tidy_heap() -> Iterator[None]:
    """Large blocks have pages of their own inside, whatever thread asks; it may be entered by several.

    Without glibc, or where the environment has settled it, nothing is changed.
    """
    global _inside  # noqa: PLW0603  (it is the process's heap)
    with _lock:
        _inside += 1
        if _inside == 1:
            _set(_TIDY)
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                _set(_USUAL)


def _set(limits: dict[int, int]) -> None:
    allocator = _allocator()
    if allocator is None or _is_settled():
        return
    for name, number in limits.items():
        allocator.mallopt(name, number)


def _is_settled() -> bool:
    """Whether somebody has set limits of their own for the process."""
    tuned = "glibc.malloc." in os.environ.get("GLIBC_TUNABLES", "")
    return tuned or any(variable in os.environ for variable in _VARIABLES)


def _allocator() -> Any:
    """The process's C library, if that is glibc."""
    try:
        is_glibc = (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (AttributeError, ValueError, OSError):
        return None
    return ctypes.CDLL(None) if is_glibc else None
