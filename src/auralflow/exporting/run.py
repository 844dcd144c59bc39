"""A network into a file, which is then opened and compared with the network."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from auralflow.checkpoints import find_checkpoint, load_model, read_checkpoint, restore
from auralflow.config.layers import did_you_mean
from auralflow.dsp.chunks import Chunking
from auralflow.errors import ConfigError, ModelError, OutputError
from auralflow.exporting.description import describe
from auralflow.exporting.formats import ENDINGS, FORMATS, PRECISIONS, Format, Precision
from auralflow.exporting.onnx import open_onnx, require_onnx, to_onnx
from auralflow.exporting.program import Program, noise_for, trace
from auralflow.exporting.pt2 import open_pt2, to_pt2
from auralflow.exporting.weights import checkpoint_of, describe_weights, write_weights
from auralflow.files import refuse_unwritable, write_whole
from auralflow.models.base import Separator
from auralflow.models.streaming.options import SeparationOptions

__all__ = ["Exported", "export"]


@dataclass(frozen=True)
class Exported:
    """A file that was written."""

    path: Path
    description: Mapping[str, Any]
    """What is in its metadata."""
    difference: float
    """Largest deviation of its answer from the network's, as a share of the network's largest value."""


@dataclass(frozen=True)
class _Writer:
    write: Callable[[Program, Mapping[str, Any]], bytes]
    open: Callable[[Path], Callable[[Sequence[Tensor]], list[Tensor]]]
    tolerance: float
    """Difference above which the file is taken for wrong."""


_WRITERS: Mapping[str, _Writer] = {
    "onnx": _Writer(to_onnx, open_onnx, 1e-4),
    "torch-export": _Writer(to_pt2, open_pt2, 1e-5),
}


def export(
    model: Separator | Path | str,
    *,
    format: Format = "onnx",  # noqa: A002  (as the flag is called)
    save: Path | str | None = None,
    segment: float = SeparationOptions.segment_seconds,
    dynamic: bool = True,
    precision: Precision = "float32",
    force: bool = False,
) -> Exported:
    """Write a network to a file for others: `onnx`, `torch-export`, an archive for torch alone, or `safetensors`.

    `model` is a network, a checkpoint, a model's folder or a name. The first two formats run without auralflow. Fourier
    transforms stay outside; the file's metadata says what is to be done around it. It takes any number of items and any
    length where the exporter can write that down, else, or where `dynamic` is off, one mixture of `segment` seconds at a
    time (8 by default). `safetensors` holds a checkpoint's weights and configuration for `load_model`, with all but
    vectors rounded to `precision`. The file is opened, run and compared before it is given its name, which by default is
    the model's, in the current folder.

    Raises `ModelError` for a network that cannot be exported or whose file answers otherwise, `OutputError` for a file
    that is there unless `force` is on, and `MissingExtraError` where the packages for ONNX are not installed.
    """
    _require_known(format, "a format", FORMATS)
    _require_known(precision, "a precision", PRECISIONS)
    if format != "safetensors" and precision != "float32":
        raise ConfigError(
            f"a file of {format} is written in float32: leave out the precision, or choose safetensors"
        )
    if format == "onnx":
        require_onnx()
    path = _place(model, format, save)
    if path.exists() and not force:
        raise OutputError(
            f"{path} is there already: pass --force to write over it, or another name with --save"
        )
    refuse_unwritable(path.parent, remedy="choose another place with --save")
    unproven = path.with_name(f".unproven-{path.name}")
    try:
        if format == "safetensors":
            description, difference = _write_weights(model, unproven, precision)
        else:
            network = _plain(
                model if isinstance(model, Separator) else load_model(model, cuda=False)
            )
            description, difference = _write_program(
                network, unproven, _WRITERS[format], segment=segment, dynamic=dynamic
            )
        unproven.replace(path)
    finally:
        unproven.unlink(missing_ok=True)
    return Exported(path, description, difference)


def _write_weights(
    model: Separator | Path | str, path: Path, precision: Precision
) -> tuple[Mapping[str, Any], float]:
    checkpoint = checkpoint_of(model)
    write_weights(path, checkpoint, precision=precision)
    network = restore(checkpoint, source=path)
    written = restore(read_checkpoint(path), source=path)
    signal = network.signal
    noise = torch.Generator().manual_seed(0)
    heard = 0.3 * torch.randn(1, signal.channels, signal.sample_rate, generator=noise)
    with torch.no_grad():
        difference = _deviation(network(heard), written(heard))
    # How far rounded weights may be off is for who rounds them to say, but not where numbers were too large for the type.
    tolerance = 1e-6 if precision == "float32" else 1.0
    _require_near(network, difference, tolerance, "write it in float32")
    return describe_weights(checkpoint), difference


def _write_program(
    network: Separator, path: Path, writer: _Writer, *, segment: float, dynamic: bool
) -> tuple[Mapping[str, Any], float]:
    options = SeparationOptions(segment_seconds=segment)
    chunking = Chunking.with_overlap(
        options.segment_samples(network.signal.sample_rate), options.overlap, step=network.step
    )
    shortest = network.graph().shortest
    program = trace(network, samples=max(shortest, chunking.length), dynamic=dynamic)
    description = describe(network, program, chunking)
    write_whole(path, writer.write(program, description))
    difference = _difference(network, program, writer.open(path))
    remedy = "export it with another --format, or with --no-dynamic"
    _require_near(network, difference, writer.tolerance, remedy)
    return description, difference


def _require_near(network: Separator, difference: float, tolerance: float, remedy: str) -> None:
    if not difference <= tolerance:  # nor where it is no number
        raise ModelError(
            f"the file of {type(network).__name__} answers otherwise than the network, by {difference:.1e} of its "
            f"largest value where {tolerance:g} is allowed, and was not kept: {remedy}"
        )


def _plain(network: Separator) -> Separator:
    """A copy as it is exported: on the processor, in eval mode, each tensor in plain layout and memory of its own."""
    network = deepcopy(network).cpu().eval().requires_grad_(False)
    for tensor in (*network.parameters(), *network.buffers()):
        tensor.data = tensor.data.clone(memory_format=torch.contiguous_format)
    return network


def _require_known(name: str, kind: str, known: Sequence[str]) -> None:
    if name not in known:
        raise ConfigError(
            f"{name} is not {kind}{did_you_mean(name, known)}: choose one of {', '.join(known)}"
        )


def _place(model: Separator | Path | str, kind: Format, save: Path | str | None) -> Path:
    """The file to be written: a folder is completed by the model's name, a name by the ending of its kind."""
    if isinstance(model, Separator):
        name = type(model).__name__
    else:
        name = find_checkpoint(model).stem.removesuffix("_best").removesuffix("_latest")
    path = Path(name) if save is None else Path(save).expanduser()
    path = path / name if path.is_dir() else path
    # torch reads archives of this ending only.
    return path if path.suffix == ENDINGS[kind] else path.with_name(path.name + ENDINGS[kind])


@torch.no_grad()
def _difference(
    network: Separator, program: Program, run: Callable[[Sequence[Tensor]], list[Tensor]]
) -> float:
    """How far the file is off, at another length and another number of items than it was traced with, if it takes such."""
    reach = program.reach
    samples = reach.shortest
    if not reach.fixed:
        # A second, or what comes next to it, and not a round number.
        samples = max(samples + 1, network.signal.sample_rate + 1)
        samples = min(samples, reach.longest or samples)
    inputs = noise_for(network, program.graph, batch=reach.batch or 3, samples=samples)
    wanted = program.graph.compute(*inputs)
    return max(_deviation(ours, theirs) for ours, theirs in zip(wanted, run(inputs), strict=True))


def _deviation(ours: Tensor, theirs: Tensor) -> float:
    return float((ours - theirs).abs().max() / ours.abs().max().clamp_min(1e-12))
