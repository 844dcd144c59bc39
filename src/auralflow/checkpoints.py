"""Files of weights: the only reader and writer of them.

A checkpoint is one mapping of tensors and plain values, and is read without unpickling any code:

    {"auralflow": version, "format": 1,
     "config": {"model": …, "data": …, "train": …},   as the YAML files have them
     "targets": […],                                   names of the stems, in the order of the network's output
     "state": …,                                       the network's state dict; in `_latest` of a training with lora, the
                                                       resting weights and their changes, which are one in `_best`
     "progress": {"epoch": …, "step": …, "best": …, "tracks": {"train": […], "valid": […]}},
     "training": …}                                    what resuming needs; absent in `_best`
"""

import contextlib
import errno
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from uuid import uuid4

import torch
from torch import Tensor

from auralflow._version import __version__
from auralflow.config import Layer
from auralflow.errors import CheckpointError, ConfigError, OutputError
from auralflow.models.base import Separator
from auralflow.models.factory import build
from auralflow.models.layers.low_rank import merged
from auralflow.models.signal import Signal
from auralflow.session.configure import load_settings
from auralflow.session.folder import ModelFolder, find_model
from auralflow.settings import Settings, read_settings

__all__ = [
    "Checkpoint",
    "best_or_latest",
    "build_network",
    "find_checkpoint",
    "load_model",
    "read_checkpoint",
    "write_checkpoint",
]

FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """What a file of weights holds."""

    settings: Settings
    targets: tuple[str, ...]
    state: Mapping[str, Tensor]
    progress: Mapping[str, Any] = field(default_factory=dict)
    """Epoch, step, best score, names of the tracks."""
    training: Mapping[str, Any] | None = None
    """Optimiser, loops and random states, if training can be resumed from this file."""

    def plain_state(self) -> dict[str, Tensor]:
        """The weights as the network has them outside training: what fine-tuning learnt beside them is in them."""
        return merged(self.state)


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint whole or not at all: to a temporary name, to the disk, then renamed.

    Raises `OutputError` if it cannot be written; a file that was there before is then still there.
    """
    content: dict[str, Any] = {
        "auralflow": __version__,
        "format": FORMAT,
        "config": checkpoint.settings.as_plain(),
        "targets": list(checkpoint.targets),
        "state": dict(checkpoint.state),
        "progress": dict(checkpoint.progress),
    }
    if checkpoint.training is not None:
        content["training"] = dict(checkpoint.training)
    temporary = path.with_name(f".{uuid4().hex}.tmp")
    failure: OSError | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _Target(temporary, "wb") as file:
            try:
                torch.save(content, file)
            finally:
                failure = file.failure
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, RuntimeError) as error:
        cause = failure or error
        full = isinstance(cause, OSError) and cause.errno == errno.ENOSPC
        reason = "the disk is full" if full else getattr(cause, "strerror", None) or str(cause)
        kept = "; the checkpoint from before is still there" if path.exists() else ""
        raise OutputError(
            f"{path} cannot be written ({reason}){kept}: free space, or choose another folder with --checkpoint"
        ) from error
    finally:
        # Where even that fails, as where the folder cannot be made, the first error is the one to tell.
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


class _Target(io.FileIO):
    """A file without a buffer that remembers why a write failed, which torch replaces by words of its own."""

    failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        done = 0
        try:
            # A disk that fills up takes a part, and refuses the rest when it is asked again.
            while done < len(data):
                done += super().write(memoryview(data)[done:])
        except OSError as error:
            self.failure = error
            raise
        return done


def read_checkpoint(path: Path, *, mapped: bool = False) -> Checkpoint:
    """Read a checkpoint onto the CPU; `mapped` reads the weights when they are used. Code in the file is refused, not run.

    Raises `CheckpointError` if the file is missing, damaged, not auralflow's, or of a later version.
    """
    if not path.is_file():
        raise CheckpointError(f"{path} is not there: give a .pth file, or train the model first")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except UnpicklingError as error:
        raise CheckpointError(
            f"{path} is no checkpoint, or holds more than tensors and plain values, so it was not loaded: "
            "use a checkpoint that auralflow wrote"
        ) from error
    except (RuntimeError, EOFError, OSError, KeyError, ValueError) as error:
        reason = (
            error.strerror
            if isinstance(error, PermissionError)
            else f"{path.stat().st_size} bytes that break off"
        )
        raise CheckpointError(
            f"{path} is damaged or no checkpoint ({reason}): use another, such as the one before"
        ) from error
    if not isinstance(content, dict) or "auralflow" not in content:
        raise CheckpointError(
            f"{path} was not written by auralflow: give a checkpoint of a model trained with it"
        )
    if content.get("format") != FORMAT:
        raise CheckpointError(
            f"{path} has format {content.get('format')} of auralflow {content['auralflow']}, this is "
            f"auralflow {__version__} with format {FORMAT}: install that version"
        )
    try:
        settings = read_settings([Layer(path.name, content["config"])])
        return Checkpoint(
            settings,
            tuple(content["targets"]),
            dict(content["state"]),
            content["progress"],
            content.get("training"),
        )
    except (KeyError, TypeError, AttributeError, ConfigError) as error:
        raise CheckpointError(
            f"{path} was written by auralflow {content['auralflow']} and does not fit version {__version__} "
            f"({_first_line(error)}): install that version"
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def build_network(settings: Settings, targets: tuple[str, ...]) -> Separator:
    """The network that settings describe, with fresh weights."""
    data = settings.data
    signal = Signal(
        data.sample_rate,
        data.channels,
        data.num_fft,
        data.window_size,
        data.hop_length,
        data.chunk_size,
    )
    return build(settings.model, signal=signal, targets=targets)


def restore(checkpoint: Checkpoint, *, source: Path) -> Separator:
    """The network of a checkpoint with its weights, in eval mode.

    Raises `CheckpointError` if the weights do not fit the network that the checkpoint's own settings describe.
    """
    network = build_network(checkpoint.settings, checkpoint.targets)
    try:
        network.load_state_dict(checkpoint.plain_state())
    except RuntimeError as error:
        raise CheckpointError(
            f"{source} holds weights of another architecture than its settings describe: use the file as it was written"
        ) from error
    return network.eval()


def best_or_latest(folder: ModelFolder, checkpoints: Path | None = None) -> Path:
    """The checkpoint of a model that separates: `_best`, or `_latest` while there is no best one.

    Raises `CheckpointError` if the model has neither.
    """
    place = checkpoints or folder.checkpoint
    for kind in ("best", "latest"):
        path = place / f"{folder.name}_{kind}.pth"
        if path.is_file():
            return path
    raise CheckpointError(
        f"{folder.path} has no checkpoint in {place}: train it first with `auralflow train {folder.name} --data PATH`"
    )


def find_checkpoint(model: str | Path) -> Path:
    """The file that a checkpoint's path, a model folder or a model's name means.

    Raises `CheckpointError` or `SessionError` if there is none.
    """
    path = Path(model).expanduser()
    if path.suffix == ".pth" or path.is_file():
        return path
    folder = find_model(path)
    # Wrong keys are told and not passed over: the files may name another folder, with other weights.
    elsewhere = load_settings(folder).train.checkpoint
    return best_or_latest(folder, Path(elsewhere) if elsewhere else None)


def load_model(checkpoint_or_name: str | Path, *, cuda: bool = True) -> Separator:
    """A trained network, in eval mode, from a checkpoint file, a model folder, or the name of a model.

    It lies on the GPU where there is one and `cuda` is left on. It is called on `(batch, channels, samples)` and answers `(batch, targets, channels, samples)`.

    Raises `CheckpointError` for a file that is missing, damaged or foreign, and `SessionError` for an unknown name.
    """
    path = find_checkpoint(checkpoint_or_name)
    network = restore(read_checkpoint(path), source=path)
    return network.cuda() if cuda and torch.cuda.is_available() else network
