"""What a rehearsal measures while Lightning trains."""

import time
from typing import Any

import pytorch_lightning as pl
import torch

from auralflow.training.checking.memory import peak_memory, workers_memory
from auralflow.training.checkpointing import is_step

__all__ = ["Stopwatch"]


class Stopwatch(pl.Callback):
    """Times steps, waits for data and the validation; the first step, in which much happens once, does not count.

    Ends the epoch when `seconds` are over and one step at least has been counted.
    """

    def __init__(self, seconds: float) -> None:
        self._limit = seconds
        self._begun = 0.0
        self._counted_from = 0.0
        self._last_end = 0.0
        self._validating_since = 0.0
        self.warm_up = 0.0
        """Seconds of the first step."""
        self.steps = 0
        self.working = 0.0
        """Seconds of all counted steps, waits included."""
        self.waiting = 0.0
        self.validating = 0.0
        self.training_bytes = 0
        """The most memory that was in use up to the end of the steps, that of reading processes included."""

    @property
    def step_seconds(self) -> float:
        """Of a step of the optimiser, its waits included."""
        return self.working / self.steps if self.steps else self.warm_up

    @property
    def waiting_share(self) -> float:
        """Of the time of the steps."""
        return self.waiting / self.working if self.working else 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """The first batch is being waited for."""
        self._begun = self._last_end = time.monotonic()

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """A batch is there."""
        if self._counted_from:
            self.waiting += time.monotonic() - self._last_end

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Its work is done, on a GPU too."""
        if pl_module.device.type == "cuda":
            torch.cuda.synchronize()
        self._last_end = now = time.monotonic()
        last = batch_idx + 1 >= trainer.num_training_batches
        if not (last or is_step(trainer, batch_idx)):
            return
        if not self._counted_from:
            self._counted_from = now
            self.warm_up = now - self._begun
        else:
            self.steps += 1
            self.working = now - self._counted_from
        if now - self._begun > self._limit and self.steps:
            trainer.should_stop = True
        self.training_bytes = _in_use(pl_module.device)

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Steps are over."""
        self._validating_since = time.monotonic()

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """So is validation."""
        self.validating = time.monotonic() - self._validating_since


def _in_use(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved()
    return peak_memory() + workers_memory()
