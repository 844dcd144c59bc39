"""When weights are saved, and how Lightning's idea of a checkpoint becomes ours and back."""

import logging
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from lightning_fabric.plugins.io.checkpoint_io import CheckpointIO

from auralflow.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from auralflow.settings import Settings

__all__ = ["AuralflowCheckpoints", "SaveWeights"]

log = logging.getLogger(__name__)

_PREFIX = "model."


class AuralflowCheckpoints(CheckpointIO):
    """Writes what Lightning saves in auralflow's format, and gives Lightning back what it wrote."""

    def __init__(
        self, settings: Settings, targets: tuple[str, ...], *, tracks: Mapping[str, list[str]]
    ) -> None:
        self._settings = settings
        self._targets = targets
        self._tracks = dict(tracks)
        self.describe: Callable[[], dict[str, Any]] = dict
        """What is to stand in a checkpoint's `progress` besides the step and the tracks."""

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: str | Path,
        storage_options: Any | None = None,
    ) -> None:
        """Write one checkpoint; without optimiser states it is for separating only."""
        rest = dict(checkpoint)
        weights = rest.pop("state_dict")
        state = {name.removeprefix(_PREFIX): value for name, value in weights.items()}
        progress = {"step": rest["global_step"], "tracks": self._tracks, **self.describe()}
        training = rest if "optimizer_states" in rest else None
        write_checkpoint(
            Path(path), Checkpoint(self._settings, self._targets, state, progress, training)
        )

    def load_checkpoint(
        self,
        path: str | Path,
        map_location: Any | None = None,
        weights_only: bool | None = None,
    ) -> dict[str, Any]:
        """What `save_checkpoint` was given."""
        checkpoint = read_checkpoint(Path(path))
        state = {f"{_PREFIX}{name}": value for name, value in checkpoint.state.items()}
        return {**(checkpoint.training or {}), "state_dict": state}

    def remove_checkpoint(self, path: str | Path) -> None:
        """Delete a file."""
        Path(path).unlink(missing_ok=True)


class SaveWeights(pl.Callback):
    """Saves `_latest` after every epoch and when training is asked to stop, `_best` after every improvement."""

    def __init__(self, folder: Path, name: str, *, monitor: str, mode: str, every: int) -> None:
        self._folder = folder
        self._name = name
        self._monitor = monitor
        self._sign = 1.0 if mode == "min" else -1.0
        self._every = every
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
        }

    def save_now(self, trainer: pl.Trainer) -> None:
        """Write `_latest` in the middle of an epoch."""
        self._finished = trainer.current_epoch
        trainer.save_checkpoint(self.latest_path)
        self.interrupted = True

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
        trainer.save_checkpoint(self.latest_path)
