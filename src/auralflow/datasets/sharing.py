"""Memory that a worker shares with its parent, used again rather than made anew.

A batch is tens of megabytes. The system hands shared memory out in pages of 4 kB, clears each when it is first touched, and maps
each once more in the parent: that takes longer than reading the samples does.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor

__all__ = ["empty_shared_batch", "received"]

_KEPT = 4
"""Blocks of a worker: one that is filled, and those that the loader holds ready or the parent works on."""

# Behind the samples in a block that a worker shares: what tells it as one, and whether it is in use.
_MARK = torch.tensor([*b"AURALBAT"], dtype=torch.uint8)
_TAIL = 64
_FREE_PLACE = 8

_shared: list[torch.UntypedStorage] = []
"""Of a worker."""
_seen: dict[int, torch.UntypedStorage] = {}
"""Of a parent: those that workers sent last, by their addresses, since finding a place for one anew takes long."""
_MOST_SEEN = 8


def empty_shared_batch(shape: Sequence[int], *, dtype: torch.dtype) -> Shaped[Tensor, "..."]:
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
