"""Networks as programs of torch's own operators, whose sizes are known, or are not, before they run."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from auralflow.errors import ModelError
from auralflow.exporting.blaming import operator_in, version
from auralflow.models.base import Separator
from auralflow.models.graph import Graph, Port
from auralflow.models.tracing import tracing

__all__ = ["Program", "Reach", "noise_for", "trace"]

_LOG = logging.getLogger(__name__)
_LONGEST = 2**31
"""Samples above which nobody asks."""


@dataclass(frozen=True)
class Reach:
    """Which mixtures a graph takes, in samples and items."""

    shortest: int
    longest: int | None
    """None for any."""
    batch: int | None
    """None for any."""

    @property
    def fixed(self) -> bool:
        """Whether all mixtures have one length."""
        return self.shortest == self.longest


@dataclass(frozen=True)
class Program:
    """A network that was written down."""

    exported: ExportedProgram
    graph: Graph
    reach: Reach


class _Traced(nn.Module):
    """The graph of a network as a module, so that its weights are found."""

    def __init__(self, network: Separator, graph: Graph) -> None:
        super().__init__()
        self.network = network
        self.graph = graph

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Outputs of inputs."""
        return self.graph.compute(*inputs)


def trace(network: Separator, *, samples: int, dynamic: bool) -> Program:
    """Write a network in eval mode on the CPU down, for mixtures of `samples`, and of other lengths where it can be.

    Raises `ModelError` if it can be written down for no length.
    """
    graph = network.graph()
    attempts = [(True, True), (False, True), (False, False)] if dynamic else [(False, False)]
    for times, batches in attempts:
        try:
            return _traced(network, graph, samples, times=times, batches=batches)
        except Exception as error:
            if (times, batches) == attempts[-1]:
                raise ModelError(
                    f"{type(network).__name__} cannot be written down by torch.export of torch {version('torch')} "
                    f"({operator_in(error)}): use its checkpoint with auralflow.load_model"
                ) from error
            what = "any length" if times else "any number of items"
            _LOG.info(
                "%s cannot be written down for %s (%s)",
                type(network).__name__,
                what,
                operator_in(error),
            )
    raise AssertionError


def _traced(
    network: Separator, graph: Graph, samples: int, *, times: bool, batches: bool
) -> Program:
    sizes = tuple(_dynamic(port, times=times, batches=batches) for port in graph.inputs)
    inputs = noise_for(network, graph, batch=2 if batches else 1, samples=samples)
    # What the exporter remembers of shapes costs it more than it saves, where there are sizes it does not know.
    with torch.no_grad(), tracing(), torch._dynamo.config.patch(fake_tensor_cache_enabled=False):
        exported = torch.export.export(
            _Traced(network, graph).eval(), inputs, dynamic_shapes=(sizes,), strict=False
        )
    limits = _limits(exported, graph, inputs, samples) if times else (samples, samples)
    return Program(exported, graph, Reach(*limits, None if batches else 1))


def _dynamic(port: Port, *, times: bool, batches: bool) -> dict[int, Any]:
    """The dimensions of a port whose sizes are not known."""
    free = ["B"] * batches + ["N", "T"] * times
    return {place: Dim.DYNAMIC for place, axis in enumerate(port.axes.split()) if axis in free}


def noise_for(network: Separator, graph: Graph, *, batch: int, samples: int) -> tuple[Tensor, ...]:
    """Inputs as noise makes them, the same each time."""
    random = torch.Generator().manual_seed(0)
    mixture = 0.3 * torch.randn(batch, network.signal.channels, samples, generator=random)
    return tuple(part.contiguous() for part in graph.listen(mixture))


def _limits(
    exported: ExportedProgram, graph: Graph, inputs: Sequence[Tensor], samples: int
) -> tuple[int, int | None]:
    """Between which lengths all that was taken for granted while tracing stays true; it is, at `samples`."""
    guards = exported.module().get_submodule("_guards_fn")

    def holds(length: int) -> bool:
        sizes = {"T": length, "N": graph.frames(length) if graph.frames else 0}
        # Only shapes are asked for: no memory is behind them.
        shapes = (
            [
                sizes.get(axis, there)
                for axis, there in zip(port.axes.split(), given.shape, strict=True)
            ]
            for port, given in zip(graph.inputs, inputs, strict=True)
        )
        try:
            guards(*(torch.zeros(1).expand(shape) for shape in shapes))
        except AssertionError:
            return False
        return True

    shortest = _bisect(holds, good=samples, bad=0)
    longest = None if holds(_LONGEST) else _bisect(holds, good=samples, bad=_LONGEST)
    return shortest, longest


def _bisect(holds: Callable[[int], bool], *, good: int, bad: int) -> int:
    while abs(good - bad) > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if holds(middle) else (good, middle)
    return good
