"""Levels over bins, a few bins at a time, where no gradient is wanted.

What is several times as wide inside a level as outside of it never lies in memory as a whole, and stays in the processor's
cache.
"""

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F

from auralflow.models.layers.blocks import per_block, wants_blocks

__all__ = ["joined_blocks", "neighbours", "wants_blocks_of_bins"]


def wants_blocks_of_bins(features: Tensor, *, width: int, bins: int) -> bool:
    """Whether a level that makes `width` features of each of `bins` is better computed in blocks."""
    values = features.shape[0] * features.shape[3] * width * bins
    return wants_blocks(features, values) and bins > 1


def joined_blocks(
    features: Tensor,
    block: Callable[[int, int], Tensor],
    *,
    width: int,
    bins: int,
    onto: Tensor | None = None,
) -> Tensor:
    """What all blocks make, one after the other along the bins, from a function of begin and end of each among so many.

    Added `onto` features that nobody else wants, it takes no memory of its own. Raises `ValueError` if there are no bins.
    """
    size = per_block(features.shape[0] * features.shape[3] * width)
    whole = onto
    for start in range(0, bins, size):
        end = min(start + size, bins)
        part = block(start, end)
        batch, planes, rows, frames = part.shape
        each = rows // (end - start)
        if whole is None:
            whole = part.new_empty(batch, bins * each, frames, planes).permute(0, 3, 1, 2)
        place = whole[:, :, start * each : end * each]
        if onto is None:
            place.copy_(part)
        else:
            place.add_(part)
        del part
    if whole is None:
        raise ValueError("there are no bins to compute")
    return whole


def neighbours(features: Tensor, start: int, end: int) -> Tensor:
    """Bins from a start to an end, which may lie outside: there are zeros."""
    bins = features.shape[2]
    seen = features[:, :, max(0, start) : end]
    outside = (max(0, -start), max(0, end - bins))
    return F.pad(seen, (0, 0, *outside)) if any(outside) else seen
