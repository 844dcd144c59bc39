"""A song that is kept, block by block, until its stems come."""

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

from auralflow.shapes import Audio

__all__ = ["Remembered"]


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
