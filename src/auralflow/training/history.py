"""What each epoch was, as numbers."""

import math
import time
from typing import Any

import pytorch_lightning as pl

from auralflow.training.clock import WaitingClock

__all__ = ["History"]


class History(pl.Callback):
    """One record an epoch: its number, losses, validation SDR, chunks a second, seconds. Survives resuming.

    `training_seconds` are those before validation, `waiting_seconds` those of them in which there was no data.
    """

    def __init__(self, batch_size: int, clock: WaitingClock) -> None:
        self._batch_size = batch_size
        self._clock = clock
        self._start = 0.0
        self._waited_before = 0.0
        self._train_seconds: float | None = None
        self._first_step = 0
        self._step = 0
        self._is_within_epoch = False
        self._before: dict[str, float] = {}
        """What an earlier run has spent on the epoch that is resumed within it."""
        self.records: list[dict[str, float]] = []

    def state_dict(self) -> dict[str, Any]:
        """The records, and what the running epoch has taken so far."""
        return {"records": self.records, "spent": self._spent() if self._is_within_epoch else {}}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """The records of the run that is resumed."""
        self.records = list(state_dict["records"])
        self._before = state_dict.get("spent", {})

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock of an epoch that is resumed in its middle: its start is not announced."""
        self._begin(trainer)

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the epoch's clock."""
        self._before = {}
        self._begin(trainer)

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Count."""
        self._step = trainer.global_step

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note how long training took without validation."""
        self._train_seconds = time.monotonic() - self._start

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the record."""
        spent = self._spent()
        chunks = spent["steps"] * self._batch_size * trainer.world_size
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        self.records.append(
            {
                "epoch": trainer.current_epoch + 1,
                "step": trainer.global_step,
                "train_loss": metrics.get("train/loss", math.nan),
                "valid_loss": metrics.get("valid/loss", math.nan),
                "valid_sdr": metrics.get("valid/sdr", math.nan),
                **{
                    name.replace("/", "_"): value
                    for name, value in sorted(metrics.items())
                    if name.startswith("valid/sdr/")
                },
                "chunks_per_second": chunks / spent["training_seconds"],
                "training_seconds": spent["training_seconds"],
                "waiting_seconds": spent["waiting_seconds"],
                "seconds": spent["seconds"],
            }
        )
        self._is_within_epoch = False

    def _begin(self, trainer: pl.Trainer) -> None:
        self._is_within_epoch = True
        self._start = time.monotonic()
        self._waited_before = self._clock.seconds
        self._train_seconds = None
        self._first_step = self._step = trainer.global_step

    def _spent(self) -> dict[str, float]:
        seconds = time.monotonic() - self._start
        here = {
            "steps": self._step - self._first_step,
            "training_seconds": seconds if self._train_seconds is None else self._train_seconds,
            "waiting_seconds": self._clock.seconds - self._waited_before,
            "seconds": seconds,
        }
        return {name: value + self._before.get(name, 0) for name, value in here.items()}
