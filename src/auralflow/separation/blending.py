"""The streams of a bag's networks, blended as they come."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.errors import ConfigError
from auralflow.models.base import Separator
from auralflow.models.streaming.answer import chosen_rows
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.bag import Bag
from auralflow.shapes import Audio

__all__ = ["Blend"]


class Blend:
    """A stream for each network that counts for a wanted target; what all have finished is blended."""

    def __init__(
        self,
        bag: Bag,
        options: SeparationOptions,
        open_member: Callable[[Separator, SeparationOptions], Any],
    ) -> None:
        rows = chosen_rows(bag.targets, options.targets)
        if options.consistency and len(bag.targets) == 1:
            raise ConfigError(
                f"the bag has one target, {bag.targets[0]}, which consistency would make the whole mixture: leave it off"
            )
        # For stems that sum to the mixture all are needed.
        self.targets = (
            bag.targets if options.consistency else tuple(bag.targets[row] for row in rows)
        )
        self._rows = rows if options.consistency else tuple(range(len(rows)))
        self._consistent = options.consistency
        self._members = []
        for place, member in enumerate(bag.members):
            weights = {name: bag.weights_of(name)[place] for name in self.targets}
            wanted = tuple(name for name in self.targets if weights[name])
            if wanted:
                own = replace(options, consistency=False, targets=wanted)
                stream = open_member(member.network, own)
                self._members.append(_Member(stream, self.targets, weights))
        self.targets = tuple(self.targets[row] for row in self._rows)
        self.latency = max(member.stream.latency for member in self._members)
        self._mixture = _Waiting()

    def push(self, block: Audio) -> list[ndarray]:
        """Take the next samples; what is finished comes back."""
        if self._consistent:
            self._mixture.add(block)
        for member in self._members:
            member.add(member.stream.push(block))
        return self._ready()

    def finish(self) -> list[ndarray]:
        """The rest."""
        for member in self._members:
            member.add(member.stream.finish())
        return self._ready()

    def _ready(self) -> list[ndarray]:
        finished = []
        while length := min(member.waiting.samples_ahead for member in self._members):
            stems = reduce(np.add, (member.weighted(length) for member in self._members))
            if self._consistent:
                missing = self._mixture.take(length) - stems.sum(axis=0)
                stems = stems + missing / np.float32(len(stems))
            finished.append(stems[list(self._rows)])
        return finished


class _Member:
    """One network's stream and where its stems go."""

    def __init__(self, stream: Any, targets: tuple[str, ...], weights: dict[str, float]) -> None:
        self.stream = stream
        self.waiting = _Waiting()
        self._places = [targets.index(name) for name in stream.targets]
        own = [weights[name] for name in stream.targets]
        self._weights = np.array(own, dtype=np.float32)[:, None, None]
        self._targets = len(targets)

    def add(self, finished: list[ndarray]) -> None:
        for stems in finished:
            self.waiting.add(stems)

    def weighted(self, length: int) -> Float[ndarray, "S C T"]:
        """Its share of all targets."""
        stems = self.waiting.take(length)
        share = np.zeros((self._targets, *stems.shape[1:]), dtype=np.float32)
        share[self._places] = stems * self._weights
        return share


class _Waiting:
    """Blocks in order, of which any number of samples can be taken from the front."""

    def __init__(self) -> None:
        self._blocks: deque[ndarray] = deque()

    @property
    def samples_ahead(self) -> int:
        """Of the first block; 0 if there is none."""
        return self._blocks[0].shape[-1] if self._blocks else 0

    def add(self, block: ndarray) -> None:
        if block.shape[-1]:
            self._blocks.append(block)

    def take(self, samples: int) -> ndarray:
        """The next samples; there must be as many."""
        parts = []
        while samples:
            block = self._blocks.popleft()
            if block.shape[-1] > samples:
                self._blocks.appendleft(block[..., samples:])
                block = block[..., :samples]
            samples -= block.shape[-1]
            parts.append(block)
        return np.concatenate(parts, axis=-1)
