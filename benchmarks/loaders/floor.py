"""The least that a loader can do: int16 samples in memory, converted once to float32."""

import time
from collections.abc import Callable

import torch
from torch import Tensor

from loaders.music import STEMS
from loaders.sides import BATCH, SAMPLES

__all__ = ["NEW", "SAME", "floors"]

NEW, SAME = "floor, new tensor", "floor, same tensor"

_ROWS = BATCH * len(STEMS)
_BANK = 8
"""Batches that are converted in turn, so that none is still in the processor's cache."""


def floors(least_seconds: float) -> dict[str, float]:
    """Seconds a batch, into a tensor that is new each time and into one that is used again."""
    bank = torch.randint(-8000, 8000, (_BANK, _ROWS, 2, SAMPLES), dtype=torch.int16)
    target = torch.zeros(_ROWS, 2, SAMPLES)
    kinds: dict[str, Callable[[Tensor], Tensor]] = {
        NEW: lambda batch: batch.to(torch.float32),
        SAME: target.copy_,
    }
    return {name: _seconds(convert, bank, least_seconds) for name, convert in kinds.items()}


def _seconds(convert: Callable[[Tensor], Tensor], bank: Tensor, least_seconds: float) -> float:
    convert(bank[0])
    start, count = time.perf_counter(), 0
    while count < 2 or time.perf_counter() - start < least_seconds:
        convert(bank[count % _BANK])
        count += 1
    return (time.perf_counter() - start) / count
