"""What a metric is: a name, what to tell a reader, and a function of the sums."""

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from auralflow.metrics.sums import Sums

__all__ = ["Metric"]


@dataclass(frozen=True)
class Metric:
    """One quality measure in dB; higher is better."""

    name: str
    """The key in files for programs."""
    label: str
    """The heading in tables for people."""
    explanation: str
    """What the number is, on one line."""
    framewise: bool
    """Whether a track's number is the median over its frames, rather than one ratio of the whole track."""
    ratio: Callable[[Sums], Float[Tensor, "..."]]
    """Decibels from sums; NaN where the reference is silent, so that there is nothing to measure."""
