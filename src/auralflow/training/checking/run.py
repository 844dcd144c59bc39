"""`check`: before the long run, one real step of everything, and what the run will take."""

import logging
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from auralflow.augment.stretching import require_libraries
from auralflow.checkpoints import read_checkpoint
from auralflow.errors import TrainingError
from auralflow.settings import Settings
from auralflow.training.checking.asking import ask
from auralflow.training.checking.child import Job
from auralflow.training.checking.data import Sample, take_sample
from auralflow.training.checking.memory import available_memory, largest_batch, steepest
from auralflow.training.checking.result import Check, Room
from auralflow.training.data import TrainingTracks, find_tracks
from auralflow.training.excerpts import logged_tracks
from auralflow.training.fitting import steps_per_epoch
from auralflow.training.loggers.logs import require_loggers
from auralflow.training.places import (
    Place,
    check_resumable,
    checkpoints_of,
    newest_whole,
    place_of,
    refuse_trained,
    refuse_unwritable_places,
)
from auralflow.training.processes import require_gpus

__all__ = ["check"]

log = logging.getLogger(__name__)

_SECONDS = 20.0
_LATEST_AT_ONCE = 3
"""Latest, previous, and the one that is being written."""
_BYTES_A_POINT = 64
"""Of a number in a log, its name included."""


def check(
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
) -> Check:
    """Try what `auralflow.train` with these arguments would do, and say what it will take; nothing of the session changes.

    Training steps, the separation of the shortest validation track, and a checkpoint that is written and read back, all in
    a temporary folder and in processes of their own, whose memory is measured. What is decoded for it stays in the store,
    where the run finds it.

    Raises `AuralflowError` with one sentence for whatever would stop the run.
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
    settings, checkpoints = place.settings, checkpoints_of(place)
    require_libraries(settings.data.augment)
    require_loggers(settings.train.logger_names)
    require_gpus(settings.train)
    tracks = find_tracks(data, settings.data)
    logged_tracks(settings.train.log_tracks, tracks.valid)
    done = 0
    if resume:
        latest = newest_whole(checkpoints, place.folder.name)
        check_resumable(latest, settings, tracks.targets).tell(tracks.names)
        done = int(read_checkpoint(latest).progress.get("epoch", 0))
    refuse_trained(place, checkpoints, resume=resume, force=force)
    refuse_unwritable_places(place, checkpoints)
    sample = take_sample(tracks, settings.data)
    available = available_memory()
    with tempfile.TemporaryDirectory(prefix="auralflow-check-") as folder:
        job = Job(
            kind="probe",
            settings=settings.as_plain(),
            data=[str(Path(entry).absolute()) for entry in _several(data)],
            folder=folder,
            name=place.folder.name,
            train=list(sample.train),
            valid=list(sample.valid),
            available=available,
            seconds=_SECONDS,
        )
        taken: dict[int, int] = {}
        if not _uses_gpu(settings):
            log.info("Trying small batches, to see what a chunk takes …")
            taken = {int(size): count for size, count in ask(job)["taken"].items()}
            _refuse_too_large(settings, taken, available)
        log.info("Training, validating and saving as the run will …")
        facts = ask(replace(job, kind="rehearse"))
        largest: int | None
        if facts["gpu"]:
            log.info("Looking for the largest batch …")
            largest = int(ask(job)["largest"])
        else:
            largest = largest_batch(
                taken,
                batch_size=settings.train.batch_size,
                total=facts["memory"],
                available=available,
            )
    return _result(
        place,
        tracks,
        sample,
        facts,
        taken=taken,
        largest=largest,
        available=facts["gpu_memory"] or available,
        epochs=settings.train.epochs - done,
    )


def _uses_gpu(settings: Settings) -> bool:
    import torch

    return settings.train.cuda and torch.cuda.is_available()


def _several(data: str | Path | Sequence[str | Path]) -> Sequence[str | Path]:
    return [data] if isinstance(data, str | Path) else data


def _refuse_too_large(settings: Settings, taken: dict[int, int], available: int) -> None:
    """Raise `TrainingError` for a batch that small ones say will not fit: trying it could take the machine down."""
    size = max(taken)
    batch = settings.train.batch_size
    largest = largest_batch(taken, batch_size=size, total=taken[size], available=available)
    if largest is not None and batch > max(size, largest):
        needed = taken[size] + steepest(taken) * (batch - size)
        fitting = f"about {largest} fit" if largest else "not even one chunk fits"
        raise TrainingError(
            f"batch-size {batch} needs about {needed / 1e9:.1f} GB, going by batches of {', '.join(map(str, taken))}, and "
            f"{available / 1e9:.1f} GB are available, in which {fitting}: lower batch-size and raise accumulate instead, or "
            "try --recompute-activations or --precision bfloat16"
        )


def _result(
    place: Place,
    tracks: TrainingTracks,
    sample: Sample,
    facts: dict[str, Any],
    *,
    taken: dict[int, int],
    largest: int | None,
    available: int,
    epochs: int,
) -> Check:
    settings = place.settings
    train = settings.train
    processes = train.num_gpus * train.num_nodes
    steps = steps_per_epoch(settings)
    seconds = sum(track.seconds for track in tracks.valid)
    device = facts["gpu"] or f"the processor, {facts['threads']} threads"
    return Check(
        model=place.folder.name,
        network=settings.model.network,
        targets=tracks.targets,
        parameters=facts["parameters"],
        device=device,
        train_tracks=len(tracks.train),
        valid_tracks=len(tracks.valid),
        decode_seconds=sample.seconds,
        batch_size=train.batch_size,
        memory=max(facts["memory"], facts["peak"]),
        memory_limit=available,
        measured=taken,
        largest_batch=None if largest is None else min(largest, settings.data.load_size),
        step_seconds=facts["step_seconds"],
        first_step_seconds=facts["warm_up"],
        steps_counted=facts["steps"],
        waiting_share=facts["waiting_share"],
        steps=steps,
        epochs=epochs,
        epoch_seconds=steps * facts["step_seconds"],
        validation_seconds=seconds * facts["validation_per_second"] / processes,
        rooms=tuple(_rooms(place, sample, facts, steps=steps, epochs=epochs)),
        remarks=tuple(_remarks(tracks, sample, facts, processes)),
    )


def _rooms(
    place: Place, sample: Sample, facts: dict[str, Any], *, steps: int, epochs: int
) -> list[Room]:
    train = place.settings.train
    kept = epochs // train.save_every if train.save_every else 0
    checkpoints = _LATEST_AT_ONCE * facts["latest_bytes"] + (2 + kept) * facts["best_bytes"]
    rooms = [("checkpoints", checkpoints_of(place), checkpoints)]
    if sample.bytes:
        rooms.insert(0, ("decoded samples", sample.store.folder, sample.bytes))
    if train.tensorboard:
        # The rehearsal's log has one epoch's numbers and the settings.
        points = 3 * steps * epochs // 10
        size = facts["log_bytes"] * max(1, epochs) + points * _BYTES_A_POINT
        rooms.append(("logs", place.folder.runs, size))
    return [Room(what, str(where), size, _free(where)) for what, where, size in rooms]


def _free(folder: Path) -> int:
    nearest = next(
        path for path in (folder.absolute(), *folder.absolute().parents) if path.exists()
    )
    return shutil.disk_usage(nearest).free


def _remarks(
    tracks: TrainingTracks, sample: Sample, facts: dict[str, Any], processes: int
) -> list[str]:
    remarks = [entry.reason for entry in tracks.dataset.skipped]
    if not sample.is_whole:
        remarks.append(
            f"Chunks came from {len(sample.train)} of {len(tracks.train)} tracks, which are decoded now; reading from all may "
            "take longer."
        )
    if processes > 1:
        remarks.append(
            f"Tried in one process of {processes}: what they tell one another takes time and memory besides."
        )
    if not facts["steps"]:
        remarks.append(
            "An epoch has one step, so that its time is that of the first, which is longer."
        )
    if not tracks.valid:
        remarks.append("There are no tracks to validate on.")
    return remarks
