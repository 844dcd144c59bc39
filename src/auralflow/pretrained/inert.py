"""Files that torch saved with classes in them, read without importing or running any of these.

torch's own restricted reader does it: it knows tensors and plain values, and is told of a stand-in for every other name
that the file speaks of, which keeps what it is given and does nothing. So a file can name any function and call it with
any argument: what happens is that an `Inert` is made.
"""

from pathlib import Path
from pickle import UnpicklingError
from typing import Any, ClassVar
from zipfile import is_zipfile

import torch

from auralflow.errors import CheckpointError

__all__ = ["Inert", "read_inert"]


class Inert:
    """Stands where a file has an object of some class, or what some function gave."""

    name: ClassVar[str] = ""
    """Of the class or function, with its module."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments
        self.state: Any = None

    def __new__(cls, *_arguments: Any) -> "Inert":
        """Made by a call, or without one."""
        made = super().__new__(cls)
        made.arguments = _arguments
        made.state = None
        return made

    def __setstate__(self, state: Any) -> None:
        """Keep what the object would have been filled with."""
        self.state = state


def read_inert(path: Path) -> Any:
    """What the file holds, on the CPU.

    Raises `CheckpointError` for files that are none of torch's, or that name modules of the system.
    """
    try:
        # Files from before torch 1.6 are no archives; those that are known hold tensors only.
        foreign = (
            torch.serialization.get_unsafe_globals_in_checkpoint(path) if is_zipfile(path) else []
        )
        stand_ins: list[Any] = [
            (type(name.rsplit(".", 1)[-1], (Inert,), {"name": name}), name) for name in foreign
        ]
        with torch.serialization.safe_globals(stand_ins):
            return torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise CheckpointError(
            f"{path} holds more than tensors, values and names of classes, so it was not read: use the file as its authors "
            "publish it"
        ) from error
    except Exception as error:
        # Bytes that are no pickle can be misread in any way.
        raise CheckpointError(
            f"{path} is damaged or was not saved by torch: remove it, and fetch it again"
        ) from error
