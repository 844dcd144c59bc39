"""When weights are saved, and how Lightning's idea of a checkpoint becomes ours and back."""

import contextlib
import logging
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytorch_lightning as pl
from lightning_fabric.plugins.io.checkpoint_io import CheckpointIO

from auralflow.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from auralflow.models.layers.low_rank import merged
from auralflow.settings import Settings
from auralflow.training.averaging import WeightAverage
from auralflow.training.scheduler import job_name

__all__ = ["AuralflowCheckpoints", "SaveWeights", "is_step", "is_step_to_agree", "keep_previous"]

log = logging.getLogger(__name__)

_PREFIX = "model."
_STEPS_TO_AGREE = 10
_OWN = "own_weights"
"""Where the weights themselves are kept while their average stands for them."""


class AuralflowCheckpoints(CheckpointIO):
    """Writes what Lightning saves in auralflow's format, and gives Lightning back what it wrote."""

    def __init__(
        self, settings: Settings, targets: tuple[str, ...], *, tracks: Mapping[str, list[str]]
    ) -> None:
        self._settings = settings
        self._targets = targets
        self._tracks = dict(tracks)
        self.average: WeightAverage | None = None
        """The average of the weights that stands for them in every file, if there is one."""
        self.describe: Callable[[], dict[str, Any]] = dict
        """What is to stand in a checkpoint's `progress` besides the step and the tracks."""
        self._held: Checkpoint | None = None
        self._is_holding = False

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: str | Path,
        storage_options: Any | None = None,
    ) -> None:
        """Write one checkpoint; without optimiser states it is for separating only."""
        made = self._made_of(checkpoint)
        if self._is_holding:
            self._held = made
        else:
            write_checkpoint(Path(path), made)

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """What is saved herein is kept for `write_held`, with the weights as they are where they are, and not written."""
        self._is_holding = True
        try:
            yield
        finally:
            self._is_holding = False

    def write_held(self, path: Path) -> None:
        """Write what is held: a state in which the steps of an epoch are done and its validation is not.

        Raises `RuntimeError` where nothing is.
        """
        if self._held is None or self._held.training is None:
            raise RuntimeError("no checkpoint of before the validation is held")
        _before_validation(self._held.training["loops"])
        write_checkpoint(path, self._held)

    def let_go(self) -> None:
        """Hold nothing any longer."""
        self._held = None

    def _made_of(self, checkpoint: Mapping[str, Any]) -> Checkpoint:
        """Lightning's checkpoint as ours."""
        rest = dict(checkpoint)
        weights = rest.pop("state_dict")
        state = {name.removeprefix(_PREFIX): value for name, value in weights.items()}
        progress = {"step": rest["global_step"], "tracks": self._tracks, **self.describe()}
        training = rest if "optimizer_states" in rest else None
        if self.average is not None and self.average.weights():
            if training is not None:
                training[_OWN] = dict(self.average.replaced() or state)
            state = dict(self.average.weights())
        if training is None:
            state = merged(state)
        return Checkpoint(self._settings, self._targets, state, progress, training)

    def load_checkpoint(
        self,
        path: str | Path,
        map_location: Any | None = None,
        weights_only: bool | None = None,
    ) -> dict[str, Any]:
        """What `save_checkpoint` was given."""
        checkpoint = read_checkpoint(Path(path))
        training = dict(checkpoint.training or {})
        if self.average is not None:
            self.average.restore(checkpoint.state)
        weights = training.pop(_OWN, checkpoint.state)
        state = {f"{_PREFIX}{name}": value for name, value in weights.items()}
        return {**training, "state_dict": state}

    def remove_checkpoint(self, path: str | Path) -> None:
        """Delete a file."""
        Path(path).unlink(missing_ok=True)


class SaveWeights(pl.Callback):
    """Saves `_latest` after every epoch, every so many minutes and when asked to stop, `_best` after every improvement.

    The latest of before stays as `_previous`, for where a disk damages the newest. While tracks are validated, the state
    before them is held, so that it can be saved at any moment; it costs no memory, for the weights rest meanwhile.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        files: AuralflowCheckpoints,
        *,
        monitor: str,
        mode: str,
        every: int,
        minutes: float = 0.0,
    ) -> None:
        self._folder = folder
        self._files = files
        files.describe = self.progress
        self._name = name
        self._monitor = monitor
        self._sign = 1.0 if mode == "min" else -1.0
        self._every = every
        self._seconds = 60.0 * minutes
        self._saved_at = time.monotonic()
        self.best: float | None = None
        self.best_epoch: int | None = None
        self._finished = 0
        self._scores: dict[str, float] = {}
        self.interrupted = False
        """Set when training was stopped within an epoch; what is then left of the epoch is no epoch's end."""

    @property
    def latest_path(self) -> Path:
        """Where training resumes from."""
        return self._folder / f"{self._name}_latest.pth"

    @property
    def previous_path(self) -> Path:
        """Where it resumes from if that is damaged."""
        return self._folder / f"{self._name}_previous.pth"

    @property
    def best_path(self) -> Path:
        """What separates."""
        return self._folder / f"{self._name}_best.pth"

    def state_dict(self) -> dict[str, Any]:
        """The best score, for resuming."""
        return {"best": self.best, "best_epoch": self.best_epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the best score where a run left it."""
        self.best = state_dict["best"]
        self.best_epoch = state_dict["best_epoch"]

    def progress(self) -> dict[str, Any]:
        """What people ask of a file of weights: how long it was trained, and how good it is."""
        return {
            "epoch": self._finished,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "monitor": self._monitor,
            "scores": self._scores,
            "job": job_name(),
        }

    def save_now(self, trainer: pl.Trainer) -> None:
        """Write `_latest` in the middle of an epoch."""
        self._save_latest(trainer, finished=trainer.current_epoch)
        self.interrupted = True

    def save_held(self, trainer: pl.Trainer) -> None:
        """Write `_latest` as it would have been before the tracks were validated."""
        self._write_held(trainer)
        self.interrupted = True

    def _write_held(self, trainer: pl.Trainer) -> None:
        if trainer.is_global_zero:
            keep_previous(self.latest_path, self.previous_path)
            self._files.write_held(self.latest_path)
        self._saved_at = time.monotonic()

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self._saved_at = time.monotonic()

    def on_validation_batch_start(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Hold the state before the first track."""
        if batch_idx == 0:
            self._finished = trainer.current_epoch
            with self._files.holding():
                trainer.save_checkpoint(self.latest_path)

    def on_validation_batch_end(  # noqa: PLR0917  (Lightning's signature)
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Write it after a track where `_latest` is long ago; no other process has a part in it."""
        if self._seconds and time.monotonic() - self._saved_at >= self._seconds:
            self._write_held(trainer)

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """The epoch's own checkpoint comes next."""
        self._files.let_go()

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Write `_latest` within an epoch where that was long ago; all processes must do so at the same step."""
        is_last = batch_idx + 1 >= trainer.num_training_batches
        if not self._seconds or is_last or not is_step(trainer, batch_idx):
            return
        is_due = time.monotonic() - self._saved_at >= self._seconds
        if trainer.world_size > 1:
            if not is_step_to_agree(trainer, batch_idx):
                return
            is_due = trainer.strategy.reduce_boolean_decision(is_due, all=False)
        if is_due:
            self._save_latest(trainer, finished=trainer.current_epoch)

    def _save_latest(self, trainer: pl.Trainer, *, finished: int) -> None:
        self._finished = finished
        if trainer.is_global_zero:
            keep_previous(self.latest_path, self.previous_path)
        trainer.save_checkpoint(self.latest_path)
        self._saved_at = time.monotonic()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write what the finished epoch has earned."""
        if self.interrupted:
            return
        metrics = {name: float(score) for name, score in trainer.callback_metrics.items()}
        self._finished = epoch = trainer.current_epoch + 1
        self._scores = {name: score for name, score in metrics.items() if math.isfinite(score)}
        value = metrics.get(self._monitor, math.nan)
        improved = math.isfinite(value) and (
            self.best is None or self._sign * value < self._sign * self.best
        )
        if improved:
            self.best, self.best_epoch = value, epoch
            trainer.save_checkpoint(self.best_path, weights_only=True)
        if self._every and epoch % self._every == 0:
            trainer.save_checkpoint(self._folder / f"{self._name}_{epoch}.pth", weights_only=True)
        self._save_latest(trainer, finished=epoch)


def _before_validation(loops: dict[str, Any]) -> None:
    """Set where Lightning's loops stand: all steps of the epoch done, and the first track begun.

    That is what it takes for within a validation, which it then begins anew. It counts the tracks of all validations that
    were broken off, and after the second would take the epoch's for done.
    """
    begun = {"ready": 1, "started": 1, "processed": 0, "completed": 0}
    loops["fit_loop"]["epoch_loop.val_loop.batch_progress"] = {
        "total": dict(begun),
        "current": dict(begun),
        "is_last_batch": False,
    }


def is_step(trainer: pl.Trainer, batch_idx: int) -> bool:
    """Whether a batch ends a step of the optimiser, rather than adding its gradients to those of the next."""
    return (batch_idx + 1) % trainer.accumulate_grad_batches == 0


def is_step_to_agree(trainer: pl.Trainer, batch_idx: int) -> bool:
    """Whether a batch ends a step after which all ranks ask one another: each costs a message, so it is every tenth."""
    step = batch_idx // trainer.accumulate_grad_batches
    return is_step(trainer, batch_idx) and step % _STEPS_TO_AGREE == 0


def keep_previous(latest: Path, previous: Path) -> None:
    """Let a second name hold on to the latest checkpoint while it is replaced; where that cannot be, go without."""
    temporary = previous.with_name(f".{uuid4().hex}.tmp")
    try:
        os.link(latest, temporary)
        temporary.replace(previous)
    except OSError as error:
        if latest.exists():
            log.debug("%s is not kept as %s (%s)", latest, previous, error)
