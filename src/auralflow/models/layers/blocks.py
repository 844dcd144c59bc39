"""What is computed a block at a time where no gradient is wanted, so that the widest features never lie in memory whole.

A block stays in the processor's cache besides, while each tensor of a whole song's segment goes through memory and comes
from pages that the system has to clear first.
"""

import torch
from torch import Tensor

from auralflow.models.tracing import is_traced

__all__ = ["per_block", "wants_blocks"]

_BLOCK = 2**19
"""Values of features in a block."""


def wants_blocks(features: Tensor, values: int) -> bool:
    """Whether so many values are computed in blocks: on a processor, without a gradient, and where they are more than one."""
    # Sizes last: what is written down as a graph is for all of them.
    return (
        not is_traced()
        and not torch.compiler.is_compiling()
        and not torch.is_grad_enabled()
        and features.device.type == "cpu"
        and values > _BLOCK
    )


def per_block(values: int, *, least: int = 1) -> int:
    """How many places of so many values each are in a block."""
    return max(least, _BLOCK // values)
