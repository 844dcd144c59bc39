"""What every loss of the catalogue is: a cost of each target of each item."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

from auralflow.losses.options import LossOptions
from auralflow.losses.pair import Pair

__all__ = ["Term", "decibels", "mean_of_targets"]

Term = Callable[[Pair, LossOptions], Float[Tensor, "B S"]]
"""The cost of each target of each item; lower is better. Targets are apart so that their order can be chosen."""


def mean_of_targets(values: Float[Tensor, "B S ..."]) -> Float[Tensor, "B S"]:
    """The mean over everything that a target has."""
    return values.flatten(2).mean(-1)


def decibels(above: Tensor, below: Tensor) -> Tensor:
    """10 log10 of a ratio."""
    return 10 * (above.log10() - below.log10())
