"""Which folder a run belongs to, and whether it may write there."""

import glob
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auralflow.checkpoints import read_checkpoint
from auralflow.errors import CheckpointError, ConfigError, SessionError, TrainingError
from auralflow.files import refuse_unwritable
from auralflow.session import ModelFolder, find_model, load_settings
from auralflow.session.configure import check_name, write_settings
from auralflow.session.folder import make_folder
from auralflow.settings import Settings
from auralflow.training.changes import Changes

__all__ = [
    "Place",
    "check_resumable",
    "checkpoints_of",
    "claim_folder",
    "newest_whole",
    "place_of",
    "refuse_trained",
    "refuse_unwritable_places",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """A model folder, and the settings in force for this run."""

    folder: ModelFolder
    settings: Settings
    is_new: bool


def place_of(
    model: str | Path | None,
    *,
    name: str | None,
    base: str | None,
    preset: str | None,
    load: Path | None,
    load_config: Sequence[Path],
    parameters: Mapping[str, Any],
) -> Place:
    """The folder that the arguments of `train` mean, and its settings. Nothing is written."""
    if model is not None and name is not None:
        raise ConfigError(
            f"both a model ({model}) and a name ({name}) are given: name the existing model, or name a new one"
        )
    if model is None and name is None:
        raise ConfigError("no model is given: name a model folder, or a new model with --name NAME")
    if name is not None:
        check_name(name)
        folder = ModelFolder(Path.cwd() / name)
        if folder.path.exists() and not folder.path.is_dir():
            raise SessionError(f"{folder.path} is a file: choose another name for the model")
    else:
        folder = find_model(model or "")
    exists = folder.exists()
    settings = load_settings(
        folder if exists else None,
        preset=preset,
        load=load,
        load_config=load_config,
        flags=parameters,
        base=base,
    )
    return Place(folder, settings, is_new=not exists)


def checkpoints_of(place: Place) -> Path:
    """Where the checkpoints of a run are: `checkpoint`, or the model folder's."""
    return Path(place.settings.train.checkpoint or place.folder.checkpoint).expanduser()


def refuse_unwritable_places(place: Place, checkpoints: Path) -> None:
    """Raise `OutputError` for a place that the run will write to and cannot: known now, not when an epoch is over."""
    refuse_unwritable(checkpoints, remedy="choose another folder with --checkpoint")
    refuse_unwritable(place.folder.path, remedy="choose another folder for the model")
    if place.settings.train.tensorboard:
        refuse_unwritable(
            place.folder.runs,
            remedy="make the session's runs a folder that can be written, or pass --no-tensorboard",
        )


def refuse_trained(place: Place, checkpoints: Path, *, resume: bool, force: bool) -> None:
    """Raise `SessionError` if the model is trained already, unless the run resumes it or `force` is given."""
    trained = _trained(place, checkpoints)
    if trained and not (resume or force):
        raise SessionError(
            f"{place.folder.name} is trained already ({trained[0].name} is there): pass --resume to go on, --force "
            "to start over, or choose another name"
        )


def claim_folder(place: Place, checkpoints: Path, *, resume: bool, force: bool) -> None:
    """Make a new model's folder and files; with `force`, remove what an earlier run left.

    Call `refuse_trained` before anything that takes long, and this when nothing but training is left to do.
    """
    make_folder(checkpoints)
    if place.is_new:
        write_settings(place.folder, place.settings)
    if force and not resume:
        runs = place.folder.runs
        logs = [
            path for kind in ("events.out.tfevents.*", "metrics.csv") for path in runs.glob(kind)
        ]
        for path in [*_trained(place, checkpoints), *logs]:
            path.unlink()


def _trained(place: Place, checkpoints: Path) -> list[Path]:
    name = glob.escape(place.folder.name)
    return sorted(checkpoints.glob(f"{name}_*.pth")) if checkpoints.is_dir() else []


def newest_whole(checkpoints: Path, name: str) -> Path:
    """The latest checkpoint, or the one before where it is damaged, which is told.

    Raises `CheckpointError` if there is none, or none that is whole.
    """
    latest, previous = (checkpoints / f"{name}_{kind}.pth" for kind in ("latest", "previous"))
    if not latest.is_file() and not previous.is_file():
        raise CheckpointError(
            f"{latest} is not there, so there is nothing to resume: train without --resume"
        )
    try:
        read_checkpoint(latest)
    except CheckpointError as error:
        if not previous.is_file():
            raise
        read_checkpoint(previous)
        log.warning("%s; going on from %s", error, previous.name)
        return previous
    return latest


def check_resumable(latest: Path, settings: Settings, targets: tuple[str, ...]) -> Changes:
    """What has changed since a checkpoint was written from which a run with these settings can go on.

    Raises `CheckpointError` if it cannot, `TrainingError` if it has as many epochs behind it as are wanted.
    """
    before = read_checkpoint(latest)
    if before.training is None:
        raise CheckpointError(
            f"{latest} holds weights only: resume from a file that ends in _latest.pth"
        )
    changes = Changes.since(before, settings, targets)
    changes.refuse(latest)
    done = before.progress.get("epoch", 0)
    if done >= settings.train.epochs:
        raise TrainingError(
            f"{latest.name} has {done} epochs behind it and epochs is {settings.train.epochs}, so there is nothing "
            f"left to train: pass --epochs {done + 10}, say, to go on"
        )
    return changes
