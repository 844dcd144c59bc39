"""Memory that a process keeps, rather than give it back and ask for it anew.

glibc asks the system for each large block by itself and returns it when it is freed. The system hands such a block out in pages
of 4 kB, each of which it clears when it is first touched: for a batch of tens of megabytes that takes longer than
computing it does. A process that makes the same tensors in every step is faster if it keeps the memory between them.
"""

import ctypes
import sys

__all__ = ["keep_freed_memory"]

# <malloc.h>
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_NEVER = 2**31 - 1


def keep_freed_memory() -> bool:
    """Let this process keep what it frees, for all that is allocated from now on; False where the C library cannot.

    Its peak stays what it was, but it does not shrink afterwards: for processes that train, not for a library.

    What is kept is what the main thread has asked for: the heaps of others are given back whole.

    Source: mallopt(3). No blocks of their own (`M_MMAP_MAX` 0), and nothing trimmed from the heap's end.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False  # musl, for one
    return bool(mallopt(_MMAP_MAX, 0) and mallopt(_TRIM_THRESHOLD, _NEVER))
