"""What measures: a meter hears a track block by block, and metrics read their numbers off it.

             ╭─▶ EnergyMeter ──▶ sdr, usdr, si-sdr, …        one meter, many metrics
blocks ──────┤
             ╰─▶ …           ──▶ …
"""

from dataclasses import dataclass
from typing import Protocol

from jaxtyping import Float
from torch import Tensor

__all__ = ["Meter", "Readings"]


class Meter(Protocol):
    """Hears a track. Blocks come in order, finite, with equal samples; any length, but no empty ones."""

    def update(
        self,
        estimate: Float[Tensor, "S C T"],
        reference: Float[Tensor, "S C T"],
        mixture: Float[Tensor, "C T"],
    ) -> None:
        """Add the next block of the track."""


@dataclass(frozen=True)
class Readings:
    """One metric of each source, in each frame; a metric of the whole track has one frame."""

    values: Float[Tensor, "S N"]
    """NaN where there is nothing to measure: such frames are left out and counted."""
    mixture: Float[Tensor, "S N"] | None = None
    """The same with the mixture in place of each estimate, for metrics that have a gain."""
