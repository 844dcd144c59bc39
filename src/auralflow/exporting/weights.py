"""A checkpoint's weights with their configuration in a file without code, for others to load with this package."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from auralflow.checkpoints import Checkpoint, find_checkpoint, read_checkpoint, write_checkpoint
from auralflow.errors import ModelError
from auralflow.exporting.formats import Precision
from auralflow.models.base import Separator
from auralflow.settings.record import record

__all__ = ["checkpoint_of", "describe_weights", "write_weights"]


def checkpoint_of(model: Separator | Path | str) -> Checkpoint:
    """The checkpoint that a name means, as others get it; raise `ModelError` for a network, whose configuration is not known."""
    if isinstance(model, Separator):
        raise ModelError(
            f"a {type(model).__name__} in memory has no configuration to write beside its weights: name the checkpoint it "
            "is from, or write it as onnx or torch-export"
        )
    return read_checkpoint(find_checkpoint(model)).for_others()


def write_weights(path: Path, checkpoint: Checkpoint, *, precision: Precision) -> None:
    """Write weights and configuration.

    In half precision it is the kernels and matrices that are rounded. Vectors stay as they are: they are few, and among
    them are variances of norms, which float16 does not reach.
    """
    state = checkpoint.plain_state()
    rounded = {name: _rounded(value, getattr(torch, precision)) for name, value in state.items()}
    write_checkpoint(path, replace(checkpoint, state=rounded))


def _rounded(value: Tensor, dtype: torch.dtype) -> Tensor:
    return value.to(dtype) if value.is_floating_point() and value.dim() > 1 else value


def describe_weights(checkpoint: Checkpoint) -> Mapping[str, Any]:
    """What the file's metadata holds beside the tensors."""
    return record(checkpoint.settings, checkpoint.targets, checkpoint.progress)
