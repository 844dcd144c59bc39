"""The formats a network can be exported to, by name; what writes each is in `auralflow.exporting.run`."""

from typing import Literal, get_args

__all__ = ["ENDINGS", "FORMATS", "Format"]

Format = Literal["onnx", "torch-export"]
FORMATS: tuple[Format, ...] = get_args(Format)

ENDINGS: dict[Format, str] = {"onnx": ".onnx", "torch-export": ".pt2"}
"""What the names of files end in."""
