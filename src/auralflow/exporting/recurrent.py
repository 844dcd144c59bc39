"""Recurrent layers, which stand in traced programs as operators of our own, as torch's and as ONNX's."""

from collections.abc import Callable
from typing import Any

import torch
from torch.export import ExportedProgram

__all__ = ["as_torch_has_them", "onnx_has_them_as"]


def as_torch_has_them(exported: ExportedProgram) -> ExportedProgram:
    """The program with torch's operators, so that it can be loaded without auralflow. The program itself is changed."""
    theirs = {
        torch.ops.auralflow.lstm.default: torch.ops.aten.lstm.input,
        torch.ops.auralflow.gru.default: torch.ops.aten.gru.input,
    }
    for node in exported.graph.nodes:
        node.target = theirs.get(node.target, node.target)
    exported.graph_module.recompile()
    return exported


def onnx_has_them_as() -> dict[Callable[..., Any], Callable[..., Any]]:
    """What each is in ONNX: the operators LSTM and GRU, by onnxscript's translation of torch's."""
    from onnxscript.function_libs.torch_lib.ops.core import aten_gru, aten_lstm

    return {
        torch.ops.auralflow.lstm.default: aten_lstm,
        torch.ops.auralflow.gru.default: aten_gru,
    }
