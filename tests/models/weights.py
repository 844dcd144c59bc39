"""Weights and mixtures that are the same on every machine and in every version of numpy and torch.

Parity tests put them into a network of ours and into the reference implementation. Both call their weights by the same
names, so that the values follow from name and shape alone.
"""

import math
from zlib import crc32

import numpy as np
import torch
from numpy.random import Philox
from torch import Tensor, nn

__all__ = ["fill", "mixture"]


def _uniform(name: str, count: int) -> Tensor:
    """`count` numbers of mean 0 and variance 1, from raw words: numpy may change its distributions, but not these."""
    words = Philox(key=crc32(name.encode())).random_raw(count)
    unit = (np.asarray(words, dtype=np.uint64) >> np.uint64(11)).astype(np.float64) / 2**53
    return torch.from_numpy((2 * unit - 1) * math.sqrt(3)).float()


def fill(module: nn.Module, *, rename: dict[str, str] | None = None) -> nn.Module:
    """Give every weight and statistic a value that follows from its name; the module is returned in eval mode.

    `rename` maps beginnings of names to others, for a module that is a part of another.
    """
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if not value.is_floating_point() or name.endswith(("window", "sample_rate")):
                continue
            known = name
            for before, after in (rename or {}).items():
                if name.startswith(before):
                    known = after + name.removeprefix(before)
            numbers = _uniform(known, value.numel()).reshape(value.shape)
            value.copy_(_scaled(known, numbers))
    return module.eval()


def _scaled(name: str, numbers: Tensor) -> Tensor:
    """Numbers of a size that leaves the level of what goes through them about as it was."""
    if numbers.dim() > 1:
        return numbers / math.sqrt(max(1, numbers[0].numel()))
    if name.endswith("running_var"):
        return 1 + 0.5 * numbers.abs()
    if name.endswith(("weight", "scale")):
        return 1 + 0.1 * numbers
    return 0.1 * numbers


def mixture(*shape: int, name: str = "mixture", level: float = 0.3) -> Tensor:
    """Noise with the last dimension smoothed a little, so that it has more bass than treble, as music does."""
    flat = _uniform(name, math.prod(shape)).reshape(shape)
    smooth = flat + torch.roll(flat, 1, -1) + torch.roll(flat, 2, -1)
    return level * smooth / math.sqrt(3)
