"""Traced programs as ONNX, and ONNX files run."""

import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from auralflow.errors import MissingExtraError, ModelError
from auralflow.exporting.blaming import operator_in, version
from auralflow.exporting.description import KEY
from auralflow.exporting.program import Program
from auralflow.exporting.recurrent import onnx_has_them_as
from auralflow.models.graph import Port

__all__ = ["open_onnx", "require_onnx", "to_onnx"]

_SIZES = {"B": "batch", "N": "frames", "T": "samples"}
"""What sizes are called that are not known."""


def require_onnx() -> None:
    """Raise `MissingExtraError` unless all that is needed can be imported."""
    for name in ("onnx", "onnxscript", "onnxruntime"):
        try:
            import_module(name)
        except ImportError as error:
            raise MissingExtraError(
                f'{name} is not installed, and ONNX files need it: pip install "auralflow[export]"'
            ) from error


def to_onnx(program: Program, description: Mapping[str, Any]) -> bytes:
    """The content of an ONNX file, with the description in its metadata.

    Raises `ModelError` for a network with an operator that the exporter does not know.
    """
    try:
        with _quiet():
            written: Any = torch.onnx.export(
                program.exported,
                dynamo=True,
                verbose=False,
                input_names=[port.name for port in program.graph.inputs],
                output_names=[port.name for port in program.graph.outputs],
                custom_translation_table=onnx_has_them_as(),
            )
    except Exception as error:
        raise ModelError(
            f"{description['network']} cannot be written as ONNX by torch {version('torch')} and onnxscript "
            f"{version('onnxscript')} ({operator_in(error)}): use --format torch-export"
        ) from error
    model = written.model_proto
    ports = (*program.graph.inputs, *program.graph.outputs)
    for port, value in zip(ports, (*model.graph.input, *model.graph.output), strict=True):
        _name_sizes(port, value)
    # Sizes in between are expressions that only torch reads.
    del model.graph.value_info[:]
    entry = model.metadata_props.add()
    entry.key, entry.value = KEY, json.dumps(description)
    content: bytes = model.SerializeToString()
    return content


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter's deprecations, and what it says of each step, are none of the user's."""
    loggers = [logging.getLogger(name) for name in ("onnx_ir", "onnxscript", "torch.onnx")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _name_sizes(port: Port, value: Any) -> None:
    for axis, size in zip(port.axes.split(), value.type.tensor_type.shape.dim, strict=True):
        if size.dim_param:
            size.dim_param = _SIZES[axis]


def open_onnx(path: Path) -> Callable[[Sequence[Tensor]], list[Tensor]]:
    """An ONNX file as a function of its inputs, by onnxruntime on the CPU."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [port.name for port in session.get_inputs()]

    def run(inputs: Sequence[Tensor]) -> list[Tensor]:
        given = {name: part.numpy() for name, part in zip(names, inputs, strict=True)}
        return [torch.from_numpy(part) for part in session.run(None, given)]

    return run
