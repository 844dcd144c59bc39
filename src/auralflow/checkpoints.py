"""Files of weights of our own: the only reader and writer of them.

A checkpoint is one mapping of tensors and plain values, and is read without unpickling any code:

    {"auralflow": version, "format": 1,
     "config": {"model": …, "data": …, "train": …},   as the YAML files have them
     "targets": […],                                   names of the stems, in the order of the network's output
     "state": …,                                       the network's state dict; in `_latest` of a training with lora, the
                                                       resting weights and their changes, which are one in `_best`
     "progress": {"epoch": …, "step": …, "best": …, "tracks": {"train": […], "valid": […]}},
     "origin": {"name": …, "licence": …, …},           absent unless others trained it
     "training": …}                                    what resuming needs; absent in `_best`

`.safetensors` files hold the same but for `training`: the state as tensors, the rest as JSON in their metadata.
"""

import contextlib
import errno
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from uuid import uuid4

import torch
from torch import Tensor

from auralflow._version import __version__
from auralflow.config import Layer
from auralflow.config.layers import did_you_mean
from auralflow.errors import CheckpointError, ConfigError, OutputError, SessionError
from auralflow.models.base import Separator
from auralflow.models.layers.low_rank import merged
from auralflow.pretrained.catalogue import (
    PRETRAINED,
    Pretrained,
    Progress,
    find_pretrained,
    is_pretrained,
)
from auralflow.pretrained.obtaining import download
from auralflow.session.configure import load_settings
from auralflow.session.folder import ModelFolder, find_model, models_in
from auralflow.settings import Settings, read_settings
from auralflow.settings.network import build_network
from auralflow.settings.record import FORMAT, record
from auralflow.settings.train import TrainConfig
from auralflow.tensor_files import SUFFIX, read_tensors, write_tensors

__all__ = [
    "Checkpoint",
    "best_or_latest",
    "build_network",
    "find_checkpoint",
    "load_model",
    "pretrained_of",
    "read_checkpoint",
    "restore",
    "write_checkpoint",
]


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
    origin: Mapping[str, Any] = field(default_factory=dict)
    """Where the weights are from and under which licence, if others published them."""

    def plain_state(self) -> dict[str, Tensor]:
        """The weights as the network has them outside training: what fine-tuning learnt beside them is in them."""
        return merged(self.state)

    def for_others(self) -> "Checkpoint":
        """The same without the names of songs, places on this machine, and what resuming needs."""
        data = self.settings.data.model_copy(update={"valid_tracks": (), "test_tracks": ()})
        private = ("checkpoint", "metrics", "start_from", "log_tracks")
        defaults = {name: TrainConfig.model_fields[name].default for name in private}
        train = self.settings.train.model_copy(update=defaults)
        progress = {name: value for name, value in self.progress.items() if name != "tracks"}
        settings = replace(self.settings, data=data, train=train)
        return replace(self, settings=settings, progress=progress, training=None)


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint whole or not at all: to a temporary name, to the disk, then renamed.

    A path that ends in `.safetensors` gets that format: the weights as the network has them, nothing to resume from.

    Raises `OutputError` if it cannot be written; a file that was there before is then still there.
    """
    content = record(checkpoint.settings, checkpoint.targets, checkpoint.progress)
    if checkpoint.origin:
        content["origin"] = dict(checkpoint.origin)
    if path.suffix == SUFFIX:
        write_tensors(path, checkpoint.plain_state(), content)
        return
    content["state"] = dict(checkpoint.state)
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
    content = _content(path, mapped=mapped)
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
            content.get("origin", {}),
        )
    except (KeyError, TypeError, AttributeError, ConfigError) as error:
        raise CheckpointError(
            f"{path} was written by auralflow {content['auralflow']} and does not fit version {__version__} "
            f"({_first_line(error)}): install that version"
        ) from error


def _content(path: Path, *, mapped: bool) -> Any:
    """What a file of either format holds."""
    if not path.is_file():
        raise CheckpointError(
            f"{path} is not there: give a .pth or .safetensors file, or train the model first"
        )
    if path.suffix == SUFFIX:
        file = read_tensors(path)
        return {**file.about, "state": file.tensors}
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except UnpicklingError as error:
        raise CheckpointError(
            f"{path} is no checkpoint, or holds more than tensors and plain values, so it was not loaded: "
            "use a checkpoint that auralflow wrote"
        ) from error
    except (RuntimeError, EOFError, OSError, LookupError, ValueError, TypeError) as error:
        reason = (
            error.strerror
            if isinstance(error, PermissionError)
            else f"{path.stat().st_size} bytes that break off"
        )
        raise CheckpointError(
            f"{path} is damaged or no checkpoint ({reason}): use another, such as the one before"
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


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


def pretrained_of(model: str | Path) -> Pretrained | None:
    """The pretrained weights that a name means; None for files, and for models of one's own, which go before."""
    name = str(model)
    if not is_pretrained(name) or Path(name).is_file():
        return None
    try:
        find_model(name)
    except SessionError:
        return find_pretrained(name)
    return None


def find_checkpoint(model: str | Path, *, progress: Progress | None = None) -> Path:
    """The file that a checkpoint's path, a model folder, a model's name, or a name of pretrained weights means.

    Weights that are not in the cache yet are fetched, of which `progress` is told.

    Raises `CheckpointError` or `SessionError` if there is none, and `DownloadError` if it cannot be fetched.
    """
    path = Path(model).expanduser()
    if path.suffix in (".pth", SUFFIX) or path.is_file():
        return path
    entry = pretrained_of(model)
    if entry is not None:
        if entry.members:
            names = ", ".join(member for member, _ in entry.members)
            raise CheckpointError(
                f"{entry.name} is {len(entry.members)} networks that answer together: use it to separate, or name one of "
                f"{names}"
            )
        return download(entry.name, progress=progress)[0]
    try:
        folder = find_model(path)
    except SessionError as error:
        raise SessionError(f"{error}{_hint(str(model))}") from error
    # Wrong keys are told and not passed over: the files may name another folder, with other weights.
    elsewhere = load_settings(folder).train.checkpoint
    return best_or_latest(folder, Path(elsewhere) if elsewhere else None)


def _hint(name: str) -> str:
    """What else a name may have meant."""
    listed = [entry.name for entry in PRETRAINED if not entry.is_member]
    own = [folder.name for folder in models_in(Path.cwd())]
    near = did_you_mean(name, [*own, *listed]).strip(" ()")
    return f", or name pretrained weights, which `auralflow download` lists{f'; {near}' if 'mean' in near else ''}"


def load_model(
    checkpoint_or_name: str | Path, *, cuda: bool = True, progress: Progress | None = None
) -> Separator:
    """A trained network, in eval mode, from a checkpoint file, a model folder, the name of a model or of pretrained weights.

    It lies on the GPU where there is one and `cuda` is left on. It is called on `(batch, channels, samples)` and answers
    `(batch, targets, channels, samples)`. Weights that are not in the cache yet are fetched, of which `progress` is told.

    Raises `CheckpointError` for a file that is missing, damaged or foreign, `SessionError` for an unknown name, and
    `DownloadError` for weights that cannot be fetched.
    """
    path = find_checkpoint(checkpoint_or_name, progress=progress)
    network = restore(read_checkpoint(path), source=path)
    return network.cuda() if cuda and torch.cuda.is_available() else network
