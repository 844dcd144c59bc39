"""Which weights of a network belong to its targets, and which of their rows to which."""

from dataclasses import dataclass
from itertools import count

import torch
from torch import Tensor

from auralflow.models.base import Separator

__all__ = ["Head", "heads_of"]


@dataclass(frozen=True)
class Head:
    """A weight with so many rows for each target along a dimension, in the order of the targets."""

    dimension: int
    size: int

    def of_target(self, weight: Tensor, place: int) -> Tensor:
        """A target's part of such a weight, not a copy."""
        return weight.narrow(self.dimension, place * self.size, self.size)

    def fits(self, old: Tensor, new: Tensor, old_targets: int) -> bool:
        """Whether another network's weight differs by its number of targets alone."""
        wanted = list(new.shape)
        wanted[self.dimension] = old_targets * self.size
        return list(old.shape) == wanted


def heads_of(network: Separator) -> dict[str, Head]:
    """The weights that have one part for each target, by name.

    They are those that would be larger with one target more, which the same network with one more tells. A network that
    has layers of each target's own, with names of its own, has none.
    """
    new = next(name for name in map(str, count()) if name not in network.targets)
    with torch.random.fork_rng(devices=[]):
        larger = type(network).from_config(
            network.config, signal=network.signal, targets=(*network.targets, new)
        )
    sizes = {name: value.shape for name, value in larger.state_dict().items()}
    heads: dict[str, Head] = {}
    for name, value in network.state_dict().items():
        differing = [
            (dimension, more - size)
            for dimension, (size, more) in enumerate(zip(value.shape, sizes[name], strict=True))
            if more != size
        ]
        if len(differing) != 1:
            continue
        (dimension, size) = differing[0]
        if value.shape[dimension] == size * len(network.targets):
            heads[name] = Head(dimension, size)
    return heads
