"""Traced programs as archives of `torch.export`, and such archives run."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from auralflow.exporting.description import KEY
from auralflow.exporting.program import Program
from auralflow.exporting.recurrent import as_torch_has_them

__all__ = ["open_pt2", "to_pt2"]


def to_pt2(program: Program, description: Mapping[str, Any]) -> bytes:
    """The content of a `.pt2` archive, with the description among its extra files. The program is changed."""
    content = io.BytesIO()
    torch.export.save(
        as_torch_has_them(program.exported),
        content,
        extra_files={f"{KEY}.json": json.dumps(description)},
    )
    return content.getvalue()


def open_pt2(path: Path) -> Callable[[Sequence[Tensor]], list[Tensor]]:
    """An archive as a function of its inputs."""
    module = torch.export.load(path).module()

    def run(inputs: Sequence[Tensor]) -> list[Tensor]:
        with torch.no_grad():
            return list(module(*inputs))

    return run
