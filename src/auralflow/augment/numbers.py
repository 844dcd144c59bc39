"""What the drawn numbers say.

They are uniform in [0, 1), K for each stem of each item. They may stay on the CPU while the stems are on a GPU: what
is done to few of the stems then picks them without waiting for the GPU.
"""

from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["Numbers", "between", "chosen", "chosen_items"]

Numbers = Float[Tensor, "B S K"]


def chosen(numbers: Numbers, probability: float) -> Bool[Tensor, "B S"]:
    """Whether each stem is changed: its first number is below the probability."""
    return numbers[..., 0] < probability


def chosen_items(numbers: Numbers, probability: float) -> Bool[Tensor, " B"]:
    """Whether all the stems of each item are changed together, which the first stem's number says."""
    return numbers[:, 0, 0] < probability


def between(uniform: Tensor, low: float, high: float) -> Tensor:
    """Numbers in [0, 1) spread evenly from `low` to `high`."""
    return low + (high - low) * uniform
