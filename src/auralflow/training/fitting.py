"""The middle of a run: network and chunks are there, Lightning does its work, and what breaks gets its sentence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytorch_lightning as pl
import torch

from auralflow.datasets.chunks import ChunkDataset
from auralflow.datasets.targets import target_parts
from auralflow.datasets.tracks import Track
from auralflow.errors import TrainingError
from auralflow.memory import keep_freed_memory
from auralflow.models.base import Separator
from auralflow.separation import SeparationOptions
from auralflow.session import ModelFolder
from auralflow.settings import Settings, TrainConfig
from auralflow.training.averaging import WeightAverage
from auralflow.training.changes import ResumeWithChanges
from auralflow.training.checkpointing import AuralflowCheckpoints, SaveWeights
from auralflow.training.clock import WaitingClock
from auralflow.training.data import ChunkData, TrainingTracks
from auralflow.training.exhaustion import (
    NoteStage,
    forget_frames,
    is_out_of_memory,
    sentence_for,
)
from auralflow.training.guarding import GuardSteps
from auralflow.training.history import History
from auralflow.training.loggers.callbacks import logging_callbacks
from auralflow.training.loggers.logs import Logs
from auralflow.training.module import SeparationModule
from auralflow.training.processes import watch_processes
from auralflow.training.progress import ShowProgress
from auralflow.training.quiet import quiet_lightning
from auralflow.training.repeating import SameBits
from auralflow.training.schedules import Plateau
from auralflow.training.stopping import (
    Patience,
    StopInTime,
    StopOnSignal,
    StoppedBySignal,
    signals_given_back,
)
from auralflow.training.trying import fits, halved

__all__ = ["Fitted", "Run", "fit", "make_module", "steps_per_epoch"]

_PRECISIONS: dict[str, Literal["32-true", "bf16-mixed", "16-mixed"]] = {
    "float32": "32-true",
    "bfloat16": "bf16-mixed",
    "float16": "16-mixed",
}


@dataclass(frozen=True)
class Run:
    """What is trained, on what, and where it is kept."""

    folder: ModelFolder
    checkpoints: Path
    settings: Settings
    tracks: TrainingTracks
    network: Separator
    chunks: ChunkDataset
    on_gpu: bool
    logged: tuple[Track, ...] = ()
    """Validation tracks of which an excerpt is logged."""

    @property
    def device(self) -> torch.device:
        """Where one process alone would train."""
        return torch.device("cuda" if self.on_gpu else "cpu")


@dataclass(frozen=True)
class Fitted:
    """What training has left in memory."""

    weights: SaveWeights
    history: History
    steps: int
    interrupted: bool
    is_time_up: bool
    """Interrupted by the signal of a SLURM job whose time is over."""


def fit(
    run: Run,
    *,
    source: Path | None = None,
    title: str | None = None,
    watching: Sequence[pl.Callback] = (),
) -> Fitted:
    """Train, from the checkpoint `source` on if there is one; with a `title`, show it and how far it is.

    `watching` are called after all others. Raises `TrainingError` where memory runs out or another process dies.
    """
    config = run.settings.train
    monitor, mode = _monitor(config, is_validated=bool(run.tracks.valid))
    plateau = Plateau(config.schedule, monitor=monitor, mode=mode)
    average = WeightAverage(config.ema) if config.ema else None
    clock = WaitingClock()
    history, stage = History(config.batch_size, clock), NoteStage()
    guard = GuardSteps(config.guard, run.folder.path / "skipped-steps.jsonl")
    before, after = logging_callbacks(
        Logs(config.logger_names, run.folder, run.settings),
        run.settings,
        guard,
        history,
        tracks=run.logged,
        steps_per_epoch=steps_per_epoch(run.settings),
    )
    files = AuralflowCheckpoints(run.settings, run.tracks.targets, tracks=run.tracks.names)
    files.average = average
    weights = SaveWeights(
        run.checkpoints,
        run.folder.name,
        files,
        monitor=monitor,
        mode=mode,
        every=config.save_every,
        minutes=config.save_minutes,
    )
    stop = StopOnSignal(weights)
    module = make_module(run, plateau, leaves_track=stop.leaves_track)
    chunks = config.batch_size * config.num_gpus * config.num_nodes
    show = ShowProgress(
        history, weights, clock, epochs=config.epochs, chunks=chunks, title=title or ""
    )
    # The order is that of a finished epoch: record it, log it, save it, tell of it, and only then stop.
    callbacks: list[pl.Callback | None] = [
        SameBits() if run.on_gpu and config.deterministic else None,
        ResumeWithChanges(config) if source else None,
        average,
        *before,
        guard,
        plateau if config.schedule.name == "plateau" else None,
        history,
        *after,
        Patience(config.patience, monitor=monitor, mode=mode),
        weights,
        show if title is not None else None,
        StopInTime(config.max_minutes) if config.max_minutes else None,
        stop,
        stage,
        *watching,
    ]
    if not run.on_gpu:
        keep_freed_memory()
    with quiet_lightning():
        trainer = _trainer(
            run,
            [entry for entry in callbacks if entry is not None],
            files,
            clock,
        )
        data = ChunkData(run.settings, run.chunks, run.tracks.valid, on_gpu=run.on_gpu)
        interrupted, failure = False, None
        try:
            with (
                signals_given_back(),
                watch_processes(trainer, latest=str(weights.latest_path)),
            ):
                trainer.fit(module, data, ckpt_path=str(source) if source else None)
        except StoppedBySignal:
            interrupted = True
        except Exception as error:
            failure = error
    if failure is not None:
        told = _explained(failure, run, module, was_validating=stage.was_validating)
        if told is failure:
            raise failure
        raise told from failure
    is_time_up = interrupted and stop.is_time_up
    return Fitted(weights, history, trainer.global_step, interrupted, is_time_up)


def make_module(
    run: Run, plateau: Plateau, *, leaves_track: Callable[[], bool] = lambda: False
) -> SeparationModule:
    """The steps of training and validation, around the network."""
    tracks = run.tracks
    return SeparationModule(
        run.network,
        run.settings,
        parts=target_parts(tracks.targets, run.chunks.stem_names, tracks.dataset.sums),
        options=SeparationOptions(batch_size=1),
        steps_per_epoch=steps_per_epoch(run.settings),
        reduction=lambda: plateau.factor,
        leaves_track=leaves_track,
    )


def steps_per_epoch(settings: Settings) -> int:
    """Steps of the optimiser."""
    config = settings.train
    chunks = config.batch_size * config.num_gpus * config.num_nodes
    batches = -(-settings.data.load_size // chunks)
    return -(-batches // config.accumulate)


def _explained(
    failure: Exception, run: Run, module: SeparationModule, *, was_validating: bool
) -> Exception:
    """The error to raise in the place of one that came out of training: most stay as they are."""
    config = run.settings.train
    if not is_out_of_memory(failure):
        return failure
    if was_validating:
        return TrainingError(
            f"memory ran out while a validation track was separated, {run.settings.data.chunk_size:g} s at a time beside "
            f"what training keeps: lower chunk-size, or batch-size, which is {config.batch_size}"
        )
    forget_frames(failure)
    module.to(run.device)
    sizes = halved(config.batch_size)
    largest = next((size for size in sizes if fits(module, run.chunks, size, device=run.device)), 0)
    return sentence_for(
        config,
        largest,
        chunk_seconds=run.settings.data.chunk_size,
        can_recompute=any(True for _ in run.network.recomputed()),
    )


def _trainer(
    run: Run, callbacks: list[pl.Callback], checkpoints: AuralflowCheckpoints, clock: WaitingClock
) -> pl.Trainer:
    config = run.settings.train
    return pl.Trainer(
        accelerator="gpu" if run.on_gpu else "cpu",
        devices=config.num_gpus,
        num_nodes=config.num_nodes,
        strategy="ddp" if config.num_gpus * config.num_nodes > 1 else "auto",
        max_epochs=config.epochs,
        accumulate_grad_batches=config.accumulate,
        gradient_clip_val=config.clip_norm or None,
        precision=_PRECISIONS[config.precision],
        callbacks=callbacks,
        plugins=[checkpoints],
        logger=False,
        profiler=clock,
        default_root_dir=str(run.folder.path),
        num_sanity_val_steps=0,
        limit_val_batches=None if run.tracks.valid else 0,
        use_distributed_sampler=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def _monitor(config: TrainConfig, *, is_validated: bool) -> tuple[str, Literal["min", "max"]]:
    """What decides which epoch is best, and whether more or less of it is better."""
    if not is_validated:
        return "train/loss", "min"
    return ("valid/sdr", "max") if config.monitor == "sdr" else ("valid/loss", "min")
