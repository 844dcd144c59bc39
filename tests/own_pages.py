"""What glibc's heap does with a large block, by its own count (`man mallinfo2`)."""

import ctypes
from typing import Any

__all__ = ["MIB", "can_tell", "has_own_pages", "keeps_the_end", "use_large_blocks"]

MIB = 2**20
_FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"


class _Counted(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in _FIELDS.split()]


def can_tell() -> bool:
    """Whether this system's allocator counts its blocks."""
    return hasattr(ctypes.CDLL(None), "mallinfo2")


def _glibc() -> Any:
    library = ctypes.CDLL(None)
    library.mallinfo2.restype = _Counted
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    return library


def has_own_pages(size: int) -> bool:
    """Whether a block of so many bytes gets pages of its own, once the heap's end is given back."""
    library = _glibc()
    library.malloc_trim(0)
    before = library.mallinfo2().hblks
    block = library.malloc(size)
    after = library.mallinfo2().hblks
    library.free(block)
    return bool(after > before)


def keeps_the_end(size: int) -> bool:
    """Whether the heap is as large as it was after so many bytes at its end are free."""
    library = _glibc()
    part = 4 * MIB
    blocks = [library.malloc(part) for _ in range(size // part)]
    before = library.mallinfo2().arena
    for block in reversed(blocks):
        library.free(block)
    return bool(library.mallinfo2().arena == before)


def use_large_blocks() -> None:
    """Make this a process that has freed large blocks, for which glibc changes its own limits."""
    for _ in range(2):
        has_own_pages(31 * MIB)
