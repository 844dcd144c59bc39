"""Files of tensors with plain values beside them, which hold no code: the safetensors format.

What is told about the tensors stands as JSON under the key `auralflow` of the file's own metadata, so that other programs
read the tensors and a person reads the rest in the file's first lines.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from auralflow.errors import CheckpointError
from auralflow.files import write_whole

__all__ = ["SUFFIX", "TensorFile", "read_tensors", "write_tensors"]

SUFFIX = ".safetensors"
_KEY = "auralflow"


@dataclass(frozen=True)
class TensorFile:
    """What a file holds."""

    tensors: dict[str, Tensor]
    about: dict[str, Any]
    """Empty for files of other programs."""


def write_tensors(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write a file whole or not at all; raise `OutputError` if that fails."""
    from safetensors.torch import save

    # Each with memory of its own, since the format refuses tensors that share it.
    own = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    metadata = {"format": "pt", _KEY: json.dumps(about, ensure_ascii=False)}
    write_whole(path, save(own, metadata=metadata))


def read_tensors(path: Path) -> TensorFile:
    """Read a file onto the CPU; raise `CheckpointError` if it is missing or damaged."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise CheckpointError(f"{path} is not there: give a file of weights that is")
    try:
        with safe_open(path, framework="pt") as file:
            told = (file.metadata() or {}).get(_KEY)
            about = {} if told is None else json.loads(told)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (it is no mapping)
    except (SafetensorError, OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CheckpointError(
            f"{path} is damaged or no safetensors file ({reason}): use another, or fetch it again"
        ) from error
    return TensorFile(tensors, about if isinstance(about, dict) else {})
