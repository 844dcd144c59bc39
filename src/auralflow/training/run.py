"""A training run from its arguments to its checkpoints."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from auralflow.augment.stretching import require_libraries
from auralflow.models.base import Separator
from auralflow.session import ModelFolder
from auralflow.training.data import (
    TrainingTracks,
    find_tracks,
    make_chunks,
    prepare_store,
    readable_tracks,
)
from auralflow.training.excerpts import logged_tracks
from auralflow.training.fitting import Run, fit
from auralflow.training.loggers.logs import require_loggers
from auralflow.training.places import (
    check_resumable,
    checkpoints_of,
    claim_folder,
    newest_whole,
    place_of,
    refuse_trained,
    refuse_unwritable_places,
)
from auralflow.training.processes import require_gpus
from auralflow.training.progress import decoding_bar
from auralflow.training.scheduler import (
    goes_on,
    is_first_rank,
    is_preempted,
    queue_again,
    require_tasks,
    tell_of_restart,
)
from auralflow.training.starting import begin, make_network

__all__ = ["TrainingResult", "train"]


@dataclass(frozen=True)
class TrainingResult:
    """What a run leaves behind."""

    folder: Path
    best: Path | None
    """The weights that separate best, by `monitor`; None before the first epoch ended."""
    latest: Path
    epochs: int
    steps: int
    seconds: float
    best_score: float | None
    interrupted: bool
    """Stopped by a signal; `resume=True` goes on from `latest`."""
    queued_again: bool
    """Stopped since the time of its SLURM job was up, or another job needs the room, and SLURM will start it again."""
    history: list[dict[str, float]]
    """For each epoch its number, step, losses, validation SDR (of each target where there are several), chunks a second,
    and seconds: in all, of training, and waiting for data."""
    is_first_rank: bool
    """False in all but one of several processes that train together."""


def train(
    model: str | Path | None = None,
    *,
    data: str | Path | Sequence[str | Path],
    name: str | None = None,
    base: str | None = None,
    preset: str | None = None,
    load: str | Path | None = None,
    load_config: Sequence[str | Path] = (),
    resume: bool = False,
    force: bool = False,
    **parameters: Any,
) -> TrainingResult:
    """Train a model on a dataset and return what came of it.

    Either `model`, a model folder or its name, or `name` for a new one in the current folder, on architecture `base`, or
    as the `preset` of that name has it.
    `parameters` are any keys of model, data or train in snake_case; they go before the files' values. `resume` goes
    on from the latest checkpoint, `force` starts over where there is one. What a SLURM job or torchrun starts once more goes
    on from what the earlier start has saved, whatever these say.

    Raises `AuralflowError` with one sentence for whatever is wrong, before anything is written if it can be known by
    then.
    """
    place = place_of(
        model,
        name=name,
        base=base,
        preset=preset,
        load=Path(load) if load is not None else None,
        load_config=[Path(file) for file in load_config],
        parameters=parameters,
    )
    settings, folder = place.settings, place.folder
    checkpoints = checkpoints_of(place)
    require_libraries(settings.data.augment)
    require_loggers(settings.train.logger_names)
    require_tasks(settings.train)
    require_gpus(settings.train)
    if goes_on(checkpoints, folder.name):
        resume = True
        tell_of_restart()
    tracks = find_tracks(data, settings.data)
    network = make_network(settings, tracks.targets)
    source, changes = None, None
    if resume:
        source = newest_whole(checkpoints, folder.name)
        changes = check_resumable(source, settings, tracks.targets)
    begin(network, settings.train, resumes=resume)
    if is_first_rank():
        refuse_trained(place, checkpoints, resume=resume, force=force)
        refuse_unwritable_places(place, checkpoints)
    with decoding_bar() as progress:
        store, usable = prepare_store(tracks.train, settings.data, progress=progress)
    tracks = replace(tracks, train=usable, valid=readable_tracks(tracks.valid, settings.data))
    logged = logged_tracks(settings.train.log_tracks, tracks.valid)
    if is_first_rank():
        claim_folder(place, checkpoints, resume=resume, force=force)
        if changes is not None:
            changes.tell(tracks.names)
    run = Run(
        folder,
        checkpoints,
        settings,
        tracks,
        network,
        make_chunks(tracks, store, settings),
        on_gpu=settings.train.cuda and torch.cuda.is_available(),
        logged=logged,
    )
    begun = time.monotonic()
    fitted = fit(run, source=source, title=_title(folder, tracks, network))
    weights, history = fitted.weights, fitted.history
    return TrainingResult(
        folder=folder.path,
        best=weights.best_path if weights.best_path.is_file() else None,
        latest=weights.latest_path,
        epochs=len(history.records),
        steps=fitted.steps,
        seconds=time.monotonic() - begun,
        best_score=weights.best,
        interrupted=fitted.interrupted,
        queued_again=fitted.interrupted
        and is_first_rank()
        and (fitted.is_time_up or is_preempted())
        and queue_again(),
        history=history.records,
        is_first_rank=is_first_rank(),
    )


def _title(folder: ModelFolder, tracks: TrainingTracks, network: Separator) -> str:
    """What is about to be trained, on what."""
    parameters = sum(weights.numel() for weights in network.parameters())
    left_out = len(tracks.dataset.skipped)
    network_is = f"{parameters:,} parameters, targets {', '.join(tracks.targets)}"
    music_is = (
        f"{len(tracks.train)} tracks to train on, {len(tracks.valid) or 'none'} to validate on"
    )
    parts = [f"{folder.name}: {network_is}; {music_is}."]
    if left_out:
        parts.append(f"Left out {left_out} files that cannot be read.")
    if not tracks.valid:
        parts.append("Without validation, the best epoch is that of the lowest training loss.")
    return "\n".join(parts)
