"""Wall and processor time of a training's steps, told on the last line of what a process prints."""

import json
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

__all__ = ["Clock", "Pace", "Span", "now"]

_WARM = 4
"""Steps that do not count: allocations, the first batches of workers."""


@dataclass(frozen=True)
class Span:
    """Seconds."""

    wall: float
    cpu: float
    """Of the process that trains; what its workers take is not in it."""

    def until(self, end: "Span") -> "Span":
        """What lies between two readings."""
        return Span(end.wall - self.wall, end.cpu - self.cpu)

    def over(self, steps: int) -> "Span":
        """The same for one of so many steps."""
        return Span(self.wall / steps, self.cpu / steps)


def now() -> Span:
    """Where both clocks stand, once a GPU is done with what it was given."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()
    return Span(time.perf_counter(), time.process_time())


@dataclass(frozen=True)
class Pace:
    """What one run of a training came to."""

    step: Span
    """Mean of a step."""
    parameters: int

    @classmethod
    def read(cls, line: str) -> "Pace":
        """What `Clock.finish` printed."""
        wall, cpu, parameters = json.loads(line)
        return cls(Span(wall, cpu), parameters)


class Clock:
    """Is told at the same place of every step."""

    def __init__(self) -> None:
        self._marks: list[Span] = []

    def tick(self) -> None:
        """One more step."""
        self._marks.append(now())

    def finish(self, network: nn.Module) -> None:
        """Print the pace and leave: what a trainer does when an epoch is over is not measured."""
        first, last = self._marks[_WARM], self._marks[-1]
        steps = len(self._marks) - 1 - _WARM
        weights = sum(weight.numel() for weight in network.parameters())
        step = first.until(last).over(steps)
        print(f"\n{json.dumps([step.wall, step.cpu, weights])}", flush=True)
        os._exit(0)


def spread(values: Sequence[float]) -> str:
    """Median, smallest and largest."""
    return f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"
