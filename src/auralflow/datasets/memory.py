"""Memory for batches, which costs less to get than ordinary memory does.

The system hands memory out in pages of 4 kB and clears each when it is first touched. For a batch of tens of megabytes
that takes longer than reading it does; in pages of 2 MB it takes a sixth.
"""

import math
import mmap
from collections.abc import Sequence
from contextlib import suppress

import torch
from jaxtyping import Shaped
from torch import Tensor

__all__ = ["empty_batch"]

_LEAST_BYTES = 4 << 20


def empty_batch(shape: Sequence[int], dtype: torch.dtype) -> Shaped[Tensor, "..."]:
    """An uninitialised tensor in this process's own memory, in large pages where it is large and the system has them."""
    size = math.prod(shape) * dtype.itemsize
    if size < _LEAST_BYTES or not hasattr(mmap, "MADV_HUGEPAGE"):
        return torch.empty(tuple(shape), dtype=dtype)
    block = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # of a system without large pages
        block.madvise(mmap.MADV_HUGEPAGE)
    return torch.frombuffer(block, dtype=dtype).view(tuple(shape))
