"""How the values of a tensor are spread."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

__all__ = ["Spread", "spread_of"]

_BINS = 64


@dataclass(frozen=True)
class Spread:
    """A histogram with bins of equal width, and the moments that loggers ask for."""

    counts: Int[ndarray, " bins"]
    edges: Float[ndarray, " bins+1"]
    total: float
    """Sum of the values."""
    squares: float
    """Sum of their squares."""

    def as_state(self) -> dict[str, Any]:
        """What a checkpoint can hold of it."""
        arrays = {"counts": torch.from_numpy(self.counts), "edges": torch.from_numpy(self.edges)}
        return {**arrays, "total": self.total, "squares": self.squares}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Spread":
        """And back."""
        counts, edges = (state[name].cpu().numpy() for name in ("counts", "edges"))
        return cls(counts, edges, state["total"], state["squares"])


def spread_of(values: Tensor) -> Spread | None:
    """The histogram of the values that are finite; None where there are none."""
    finite = values.detach().flatten().float()
    finite = finite[torch.isfinite(finite)]
    if not finite.numel():
        return None
    low, high = (float(bound) for bound in torch.aminmax(finite))
    if low == high:
        margin = max(abs(low) * 1e-3, 1e-12)
        low, high = low - margin, high + margin
    finite = finite.cpu()
    counts = torch.histc(finite, _BINS, low, high).long()
    edges = torch.linspace(low, high, _BINS + 1, dtype=torch.float64)
    wide = finite.double()
    return Spread(counts.numpy(), edges.numpy(), float(wide.sum()), float(wide.square().sum()))
