"""What every reader of others' files makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from auralflow.errors import CheckpointError

__all__ = ["Imported", "tensors_of"]


@dataclass(frozen=True)
class Imported:
    """Weights with what their network must be like."""

    values: Mapping[str, Any]
    """Keys of model and data, as a configuration file has them."""
    targets: tuple[str, ...]
    state: dict[str, Tensor]
    """By names that the network takes."""


def tensors_of(content: object, source: Path) -> dict[str, Tensor]:
    """A mapping of names to tensors, in float32 where they are of any other precision.

    Raises `CheckpointError` if it is none.
    """
    if not isinstance(content, Mapping):
        raise CheckpointError(
            f"{source} holds {type(content).__name__} where weights by name were expected: use the file as its authors "
            "publish it"
        )
    tensors: dict[str, Tensor] = {}
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise CheckpointError(
                f"{source} has {type(value).__name__} under {name!r} where a tensor was expected: use the file as its "
                "authors publish it"
            )
        floating = value.is_floating_point() and value.dtype != torch.float32
        tensors[name] = value.float() if floating else value
    return tensors
