"""The formats a network can be exported to, by name; what writes each is in `auralflow.exporting.run`."""

from typing import Literal, get_args

__all__ = ["ENDINGS", "FORMATS", "PRECISIONS", "Format", "Precision"]

Format = Literal["onnx", "torch-export", "safetensors"]
FORMATS: tuple[Format, ...] = get_args(Format)

ENDINGS: dict[Format, str] = {
    "onnx": ".onnx",
    "torch-export": ".pt2",
    "safetensors": ".safetensors",
}
"""What the names of files end in."""

Precision = Literal["float32", "float16", "bfloat16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
"""How numbers of weights are kept, where a format leaves a choice."""
