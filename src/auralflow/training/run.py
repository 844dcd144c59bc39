"""A training run from its arguments to its checkpoints."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pytorch_lightning as pl
import torch

from auralflow.augment.stretching import require_libraries
from auralflow.checkpoints import build_network
from auralflow.datasets.targets import target_parts
from auralflow.datasets.tracks import Track
from auralflow.memory import keep_freed_memory
from auralflow.models.base import Separator
from auralflow.separation import SeparationOptions
from auralflow.session import ModelFolder
from auralflow.settings import Settings, TrainConfig
from auralflow.training.averaging import WeightAverage
from auralflow.training.checkpointing import AuralflowCheckpoints, SaveWeights
from auralflow.training.clock import WaitingClock
from auralflow.training.compiling import compile_levels
from auralflow.training.data import (
    ChunkData,
    TrainingTracks,
    find_tracks,
    make_chunks,
    prepare_store,
    readable_tracks,
)
from auralflow.training.excerpts import logged_tracks
from auralflow.training.guarding import GuardSteps
from auralflow.training.history import History
from auralflow.training.loggers.callbacks import logging_callbacks
from auralflow.training.loggers.logs import Logs, require_loggers
from auralflow.training.module import SeparationModule
from auralflow.training.places import (
    check_resumable,
    claim_folder,
    is_first_rank,
    newest_whole,
    place_of,
    refuse_trained,
)
from auralflow.training.progress import ShowProgress, decoding_bar
from auralflow.training.quiet import quiet_lightning
from auralflow.training.schedules import Plateau
from auralflow.training.starting import freeze, start_from
from auralflow.training.stopping import Patience, StopInTime, StopOnSignal, StoppedBySignal

__all__ = ["TrainingResult", "train"]

_PRECISIONS: dict[str, Literal["32-true", "bf16-mixed", "16-mixed"]] = {
    "float32": "32-true",
    "bfloat16": "bf16-mixed",
    "float16": "16-mixed",
}


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
    on from the latest checkpoint, `force` starts over where there is one.

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
    checkpoints = Path(settings.train.checkpoint or folder.checkpoint).expanduser()
    latest = checkpoints / f"{folder.name}_latest.pth"
    require_libraries(settings.data.augment)
    require_loggers(settings.train.logger_names)
    tracks = find_tracks(data, settings.data)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.train.seed)
        network = build_network(settings, tracks.targets)
    if settings.train.compile:
        compile_levels(network)
    source: Path | None = None
    if resume:
        source = newest_whole(checkpoints, folder.name)
        check_resumable(source, settings, tracks.targets)
    elif settings.train.start_from is not None:
        start_from(network, settings.train.start_from)
    freeze(network, settings.train.freeze)
    if is_first_rank():
        refuse_trained(place, checkpoints, resume=resume, force=force)
    with decoding_bar() as progress:
        store, usable = prepare_store(tracks.train, settings.data, progress=progress)
    tracks = replace(tracks, train=usable, valid=readable_tracks(tracks.valid, settings.data))
    logged = logged_tracks(settings.train.log_tracks, tracks.valid)
    if is_first_rank():
        claim_folder(place, checkpoints, resume=resume, force=force)
    chunks = make_chunks(tracks, store, settings)

    monitor, mode = _monitor(settings.train, is_validated=bool(tracks.valid))
    plateau = Plateau(settings.train.schedule, monitor=monitor, mode=mode)
    module = SeparationModule(
        network,
        settings,
        parts=target_parts(tracks.targets, chunks.stem_names, tracks.dataset.sums),
        options=SeparationOptions(batch_size=1),
        steps_per_epoch=_steps_per_epoch(settings),
        reduction=lambda: plateau.factor,
    )
    clock = WaitingClock()
    weights, history, callbacks = _callbacks(
        settings,
        folder,
        checkpoints,
        tracks,
        plateau,
        clock=clock,
        logged=logged,
        title=_title(folder, tracks, network),
    )
    io = AuralflowCheckpoints(
        settings,
        tracks.targets,
        tracks={
            "train": [track.name for track in usable],
            "valid": [track.name for track in tracks.valid],
        },
    )
    io.describe = weights.progress
    io.average = next((entry for entry in callbacks if isinstance(entry, WeightAverage)), None)
    on_gpu = settings.train.cuda and torch.cuda.is_available()
    if not on_gpu:
        keep_freed_memory()
    start = time.monotonic()
    interrupted = False
    with quiet_lightning():
        trainer = pl.Trainer(
            accelerator="gpu" if on_gpu else "cpu",
            devices=settings.train.num_gpus,
            num_nodes=settings.train.num_nodes,
            strategy="ddp" if settings.train.num_gpus * settings.train.num_nodes > 1 else "auto",
            max_epochs=settings.train.epochs,
            accumulate_grad_batches=settings.train.accumulate,
            gradient_clip_val=settings.train.clip_norm or None,
            precision=_PRECISIONS[settings.train.precision],
            callbacks=callbacks,
            plugins=[io],
            logger=False,
            profiler=clock,
            default_root_dir=str(folder.path),
            num_sanity_val_steps=0,
            limit_val_batches=None if tracks.valid else 0,
            use_distributed_sampler=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        data_module = ChunkData(settings, chunks, tracks.valid, on_gpu=on_gpu)
        try:
            trainer.fit(module, data_module, ckpt_path=str(source) if source else None)
        except StoppedBySignal:
            interrupted = True
    return TrainingResult(
        folder=folder.path,
        best=weights.best_path if weights.best_path.is_file() else None,
        latest=latest,
        epochs=len(history.records),
        steps=trainer.global_step,
        seconds=time.monotonic() - start,
        best_score=weights.best,
        interrupted=interrupted,
        history=history.records,
        is_first_rank=is_first_rank(),
    )


def _callbacks(
    settings: Settings,
    folder: ModelFolder,
    checkpoints: Path,
    tracks: TrainingTracks,
    plateau: Plateau,
    *,
    clock: WaitingClock,
    logged: Sequence[Track],
    title: str,
) -> tuple[SaveWeights, History, list[pl.Callback]]:
    config = settings.train
    monitor, mode = _monitor(config, is_validated=bool(tracks.valid))
    weights = SaveWeights(
        checkpoints,
        folder.name,
        monitor=monitor,
        mode=mode,
        every=config.save_every,
        minutes=config.save_minutes,
    )
    history = History(config.batch_size, clock)
    guard = GuardSteps(config.guard, folder.path / "skipped-steps.jsonl")
    before, after = logging_callbacks(
        Logs(config.logger_names, folder, settings),
        settings,
        guard,
        history,
        tracks=logged,
        steps_per_epoch=_steps_per_epoch(settings),
    )
    chunks = config.batch_size * config.num_gpus * config.num_nodes
    patience = Patience(config.patience, monitor=monitor, mode=mode)
    # The order is that of a finished epoch: record it, log it, save it, tell of it, and only then stop.
    callbacks: list[pl.Callback] = [
        *([WeightAverage(config.ema)] if config.ema else []),
        *before,
        guard,
        *([plateau] if config.schedule.name == "plateau" else []),
        history,
        *after,
        patience,
        weights,
        ShowProgress(history, weights, clock, epochs=config.epochs, chunks=chunks, title=title),
    ]
    if config.max_minutes:
        callbacks.append(StopInTime(config.max_minutes))
    return weights, history, [*callbacks, StopOnSignal(weights)]


def _monitor(config: TrainConfig, *, is_validated: bool) -> tuple[str, Literal["min", "max"]]:
    """What decides which epoch is best, and whether more or less of it is better."""
    if not is_validated:
        return "train/loss", "min"
    return ("valid/sdr", "max") if config.monitor == "sdr" else ("valid/loss", "min")


def _steps_per_epoch(settings: Settings) -> int:
    """Steps of the optimiser."""
    config = settings.train
    chunks = config.batch_size * config.num_gpus * config.num_nodes
    batches = -(-settings.data.load_size // chunks)
    return -(-batches // config.accumulate)


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
