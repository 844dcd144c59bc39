"""What a metric is: a name, what to tell a reader, which meter measures it and how it is read off."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from auralflow.metrics.meter import Meter, Readings

__all__ = ["Metric"]

M = TypeVar("M", bound=Meter)


@dataclass(frozen=True, kw_only=True)
class Metric(Generic[M]):
    """One quality measure."""

    name: str
    """The key in files for programs, and what `--metrics` takes."""
    aliases: tuple[str, ...] = ()
    """What else the same number is called. Metrics that share an alias are asked for together by it."""
    label: str
    """The heading in tables for people."""
    explanation: str
    """What the number is, on one line."""
    source: str
    """Who defined it, and where."""
    unit: str = "dB"
    """Empty where it has none."""
    higher_is_better: bool = True
    framewise: bool = False
    """Whether a track's number is the median over its frames of one second, rather than one of the whole track."""
    by_default: bool = False
    """Whether it is measured where no metrics are named; the others want time or memory that not everyone has."""
    has_gain: bool = True
    """Whether the mixture in place of the estimate is measured too, so that there is a gain over it."""
    meter: Callable[[int, int], M]
    """Makes the meter from the number of sources and the sample rate; metrics with the same one share what it makes."""
    read: Callable[[M], Readings]
    """This metric's numbers, from the meter."""
