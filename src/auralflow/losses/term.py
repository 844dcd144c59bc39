"""What every loss of the catalogue is: a cost of each target of each item."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

from auralflow.losses.options import LossOptions
from auralflow.losses.pair import Pair

__all__ = ["Term", "decibels", "mean_of_targets", "sum_of_targets"]

Term = Callable[[Pair, LossOptions], Float[Tensor, "B S"]]
"""The cost of each target of each item; lower is better. Targets are apart so that their order can be chosen."""


def mean_of_targets(values: Float[Tensor, "B S ..."]) -> Float[Tensor, "B S"]:
    """The mean over everything that a target has."""
    # The gradient of torch's mean is as large as the values, where that of a sum is one number, seen from everywhere.
    return sum_of_targets(values) / values[0, 0].numel()


def sum_of_targets(values: Float[Tensor, "B S ..."]) -> Float[Tensor, "B S"]:
    """The sum over everything that a target has."""
    # Magnitudes lie in memory with time outermost: flattening them would copy them.
    return values.sum(tuple(range(2, values.dim())))


def decibels(above: Tensor, below: Tensor) -> Tensor:
    """10 log10 of a ratio."""
    return 10 * (above.log10() - below.log10())
