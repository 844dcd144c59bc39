"""The visible list of losses: a name for the configuration, a function of (estimate, reference)."""

from collections.abc import Callable
from typing import get_args

from torch import Tensor

from auralflow.errors import ConfigError
from auralflow.losses.names import LossName
from auralflow.losses.regression import l1, l2, smooth_l1

__all__ = ["LOSSES", "Loss", "create_loss"]

Loss = Callable[[Tensor, Tensor], Tensor]
"""(estimate, reference) of one shape to a scalar; lower is better."""

LOSSES: dict[LossName, Loss] = {
    "l1": l1,
    "l2": l2,
    "smooth-l1": smooth_l1,
}


def create_loss(name: str) -> Loss:
    """The loss of that name, upper or lower case; raises `ConfigError` with the known names for any other."""
    for known in get_args(LossName):
        if name.lower() == known:
            return LOSSES[known]
    raise ConfigError(f"loss is {name!r}, but must be one of {', '.join(LOSSES)}: change it")
