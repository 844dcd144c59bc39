"""Low-rank changes of weights that stay as they are, learnt in their place (LoRA).

Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022. Differs from it: no dropout before the
change; kernels of convolutions are changed as matrices of output features by all the rest, and the stacked queries, keys and
values of an attention layer as one matrix.
"""

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

__all__ = ["LowRank", "add_low_rank", "merged"]

_PARTS = ".parametrizations."


class LowRank(nn.Module):
    """W + alpha/rank · up · down for a weight W; it begins as W, since `up` begins at zero."""

    scale: Tensor

    def __init__(self, weight: Tensor, *, rank: int, alpha: float) -> None:
        super().__init__()
        rows, columns = weight.flatten(1).shape
        self.down = nn.Parameter(weight.new_empty(rank, columns))
        self.up = nn.Parameter(weight.new_zeros(rows, rank))
        self.register_buffer("scale", weight.new_tensor(alpha / rank))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, weight: Tensor) -> Tensor:
        """The changed weight."""
        return _changed(weight, self.down, self.up, self.scale)


def add_low_rank(network: nn.Module, names: Iterable[str], *, rank: int, alpha: float) -> None:
    """Let the named weights be changed at low rank."""
    for name in names:
        owner, _, kind = name.rpartition(".")
        module = network.get_submodule(owner)
        change = LowRank(module.get_parameter(kind).detach(), rank=rank, alpha=alpha)
        parametrize.register_parametrization(module, kind, change)


def merged(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict in which every change is part of its weight, as the plain network has it; one without is the same."""
    plain: dict[str, Tensor] = {}
    for name, value in state.items():
        owner, found, rest = name.partition(_PARTS)
        if not found:
            plain[name] = value
            continue
        kind, _, part = rest.partition(".")
        if part == "original":
            place = f"{owner}{_PARTS}{kind}.0."
            factors = (state[f"{place}{factor}"] for factor in ("down", "up", "scale"))
            plain[f"{owner}.{kind}"] = _changed(value, *factors)
    return plain


def _changed(weight: Tensor, down: Tensor, up: Tensor, scale: Tensor) -> Tensor:
    # In the weight's own precision under autocast too: the merged weight is the one that was trained.
    with torch.autocast(weight.device.type, enabled=False):
        return torch.addmm(weight.flatten(1), up * scale, down).view_as(weight)
