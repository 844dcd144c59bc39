"""Means over the batches of an epoch that survive an interruption."""

from collections.abc import Mapping

import torch
from torch import Tensor

__all__ = ["EpochMeans"]


class EpochMeans:
    """Adds numbers up where they are, so that no step waits for a GPU.

    Lightning's own means begin anew where an epoch is resumed: a best epoch that training loss decides would be another.
    """

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def add(self, name: str, value: Tensor) -> None:
        """Add a scalar."""
        value = value.detach()
        # MPS has no float64.
        wide = value if value.device.type == "mps" else value.double()
        before = self._sums.get(name)
        self._sums[name] = wide if before is None else before.to(wide) + wide
        self._counts[name] = self._counts.get(name, 0) + 1

    def result(self, device: torch.device) -> dict[str, Tensor]:
        """The means by name."""
        return {
            name: (total / self._counts[name]).to(device, torch.float32)
            for name, total in self._sums.items()
        }

    def state_dict(self) -> dict[str, tuple[float, int]]:
        """Sums and counts by name."""
        return {name: (float(total), self._counts[name]) for name, total in self._sums.items()}

    def load_state_dict(self, state: Mapping[str, tuple[float, int]]) -> None:
        """Go on with these."""
        for name, (total, count) in state.items():
            self._sums[name] = torch.tensor(total, dtype=torch.float64)
            self._counts[name] = count
