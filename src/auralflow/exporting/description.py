"""All that is needed to run an exported network, as plain values that any language reads as JSON."""

from dataclasses import asdict
from typing import Any

from auralflow._version import __version__
from auralflow.dsp.chunks import Chunking
from auralflow.exporting.program import Program
from auralflow.models.base import Separator
from auralflow.models.graph import Port

__all__ = ["FORMAT", "KEY", "describe"]

KEY = "auralflow"
"""Where it stands in a file's own metadata."""
FORMAT = 1


def describe(network: Separator, program: Program, chunking: Chunking) -> dict[str, Any]:
    """See docs/export.md for each key. Lengths are in samples."""
    graph, reach = program.graph, program.reach
    return {
        "auralflow": __version__,
        "format": FORMAT,
        "network": type(network).__name__,
        "targets": list(network.targets),
        "channels": network.signal.channels,
        "sample_rate": network.signal.sample_rate,
        "inputs": [_port(port) for port in graph.inputs],
        "outputs": [_port(port) for port in graph.outputs],
        "transform": None if graph.transform is None else asdict(graph.transform),
        "wiener": None if graph.refinement is None else asdict(graph.refinement),
        "pad_to": graph.shortest,
        "shortest": reach.shortest,
        "longest": reach.longest,
        "batch": reach.batch,
        "step": network.step,
        "segment": chunking.length,
        "hop": chunking.hop,
    }


def _port(port: Port) -> dict[str, Any]:
    return {"name": port.name, "axes": port.axes.split()}
