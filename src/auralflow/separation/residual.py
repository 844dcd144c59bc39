"""What is left of a song when its stems are taken out of it."""

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.shapes import Audio

__all__ = ["Remembered", "with_residual"]


class Remembered:
    """Passes a song on block by block and keeps what it passed until that is taken."""

    def __init__(self, blocks: Iterable[Audio]) -> None:
        self._blocks = blocks
        self._kept: deque[Audio] = deque()

    def __iter__(self) -> Iterator[Audio]:
        for block in self._blocks:
            self._kept.append(block)
            yield block

    def take(self, samples: int) -> Audio:
        """The next samples of what was passed on; there must be as many."""
        parts = []
        while samples:
            block = self._kept.popleft()
            if block.shape[-1] > samples:
                self._kept.appendleft(block[:, samples:])
                block = block[:, :samples]
            samples -= block.shape[-1]
            parts.append(block)
        return np.concatenate(parts, axis=-1)


def with_residual(
    blocks: Iterable[Float[ndarray, "S C T"]], mixture: Remembered
) -> Iterator[Float[ndarray, "S C T"]]:
    """The stems and, as one more, the mixture minus their sum; the blocks must be those of that mixture."""
    for stems in blocks:
        rest = mixture.take(stems.shape[-1]) - stems.sum(axis=0)
        yield np.concatenate([stems, rest[None]])
