"""Memory for batches, which costs less to get than ordinary memory does.

The system hands memory out in pages of 4 kB and clears each when it is first touched. For a batch of tens of megabytes
that takes longer than reading it does. In pages of 2 MB it takes a sixth; and what the last batch had, the next gets.
"""

import math
import mmap
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock

import torch
from jaxtyping import Shaped
from torch import Tensor

__all__ = ["empty_batch"]

_LEAST_BYTES = 4 << 20
_KEPT = 4
"""Blocks that wait to be used again: samples and audio of one batch, and of another while that is still in use."""

_blocks: list[mmap.mmap] = []
_lock = Lock()


def _references(blocks: Sequence[mmap.mmap], place: int) -> int:
    """How many there are to one of the blocks; every tensor in its memory holds one."""
    return sys.getrefcount(blocks[place])


_UNUSED = _references([mmap.mmap(-1, 1)], 0)


def empty_batch(shape: Sequence[int], dtype: torch.dtype) -> Shaped[Tensor, "..."]:
    """An uninitialised tensor in this process's own memory, in large pages where it is large and the system has them."""
    size = math.prod(shape) * dtype.itemsize
    if size < _LEAST_BYTES or not hasattr(mmap, "MADV_HUGEPAGE"):
        return torch.empty(tuple(shape), dtype=dtype)
    with _lock:
        return torch.frombuffer(_block(size), dtype=dtype).view(tuple(shape))


def _block(size: int) -> mmap.mmap:
    """A block that no tensor uses any more, or a new one."""
    for place in range(len(_blocks)):
        if len(_blocks[place]) == size and _references(_blocks, place) == _UNUSED:
            _blocks.append(_blocks.pop(place))
            return _blocks[-1]
    block = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # of a system without large pages
        block.madvise(mmap.MADV_HUGEPAGE)
    _blocks.append(block)
    del _blocks[:-_KEPT]
    return block
