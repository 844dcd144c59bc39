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

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor

__all__ = ["empty_batch", "empty_shared_batch", "received"]

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


# Behind the samples in a block that a worker shares: what tells it as one, and whether it is in use.
_MARK = torch.tensor([*b"AURALBAT"], dtype=torch.uint8)
_TAIL = 64
_FREE_PLACE = 8

_shared: list[torch.UntypedStorage] = []
"""Of a worker."""
_seen: dict[int, torch.UntypedStorage] = {}
"""Of a parent: those that workers sent last, by their addresses, since finding a place for one anew takes long."""
_MOST_SEEN = 8


def empty_shared_batch(shape: Sequence[int], dtype: torch.dtype) -> Shaped[Tensor, "..."]:
    """An uninitialised tensor in memory that a worker shares with its parent, so that nothing is copied on the way.

    The worker uses it again once the parent has let go of what `received` made of it.
    """
    size = math.prod(shape) * dtype.itemsize
    for place, storage in enumerate(_shared):
        if storage.nbytes() == size + _TAIL and not _tail(storage)[_FREE_PLACE]:
            _shared.append(_shared.pop(place))
            break
    else:
        _shared.append(torch.UntypedStorage._new_shared(size + _TAIL, device="cpu"))
        _tail(_shared[-1])[:_FREE_PLACE] = _MARK
        del _shared[:-_KEPT]
    _tail(_shared[-1])[_FREE_PLACE] = 1
    strides = [math.prod(shape[place + 1 :]) for place in range(len(shape))]
    return torch.empty(0, dtype=dtype).set_(_shared[-1], 0, torch.Size(shape), tuple(strides))


def received(tensor: Shaped[Tensor, "..."]) -> Shaped[Tensor, "..."]:
    """What a worker has sent; its memory goes back to the worker with the last tensor or array in it."""
    storage = tensor.untyped_storage()
    is_ours = tensor.device.type == "cpu" and storage.nbytes() >= _TAIL
    if not is_ours or not torch.equal(_tail(storage)[:_FREE_PLACE], _MARK):
        return tensor
    _seen[storage.data_ptr()] = _seen.pop(storage.data_ptr(), storage)
    if len(_seen) > _MOST_SEEN:
        del _seen[next(iter(_seen))]
    lent = torch.from_numpy(np.asarray(_Lent(storage))).view(tensor.dtype)
    return lent.as_strided(tensor.shape, tensor.stride(), tensor.storage_offset())


class _Lent:
    """A worker's memory, in use as long as this object lives."""

    def __init__(self, storage: torch.UntypedStorage) -> None:
        self._tail = _tail(storage)
        samples = torch.empty(0, dtype=torch.uint8).set_(storage)[:-_TAIL]
        self.__array_interface__ = samples.numpy().__array_interface__

    def __del__(self) -> None:
        self._tail[_FREE_PLACE] = 0


def _tail(storage: torch.UntypedStorage) -> Tensor:
    return torch.empty(0, dtype=torch.uint8).set_(storage)[-_TAIL:]
