"""The numbers of a run, and the life of the logs that take them."""

import math
from typing import Any

import pytorch_lightning as pl
from torch.optim import Optimizer

from auralflow.training.guarding import GuardSteps
from auralflow.training.history import History
from auralflow.training.loggers.logs import Logs

__all__ = ["LogScalars"]


class LogScalars(pl.Callback):
    """Writes learning rate and gradient norm every so many steps, losses and SDR at the end of each epoch.

    It does so itself, since Lightning writes the numbers of a step and of an epoch after everything else, when the
    checkpoint is already there: a run that is stopped in between would lack them for ever. Everything that belongs to a step is
    written before the checkpoint of that step.
    """

    def __init__(self, logs: Logs, guard: GuardSteps, history: History, *, every: int) -> None:
        self._logs = logs
        self._guard = guard
        self._history = history
        self._every = every
        self._identities: dict[str, str] = {}
        self._rate = math.nan
        self._step = 0
        self._held: dict[str, float] = {}
        """What belongs to the last step of an epoch, to be written with what belongs to the epoch."""
        self._is_epoch_due = False
        """Whether an epoch's steps are done, and nothing of its last step and its validation is written."""

    def state_dict(self) -> dict[str, Any]:
        """What the logs call this run, and what is to be written yet."""
        return {
            "identities": self._logs.identities() or self._identities,
            "held": self._held,
            "is_epoch_due": self._is_epoch_due,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with these."""
        self._identities = dict(state_dict["identities"])
        self._held = dict(state_dict.get("held", {}))
        self._is_epoch_due = state_dict.get("is_epoch_due", False)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Open the logs where the run stands."""
        self._step = trainer.global_step
        if trainer.is_global_zero:
            self._logs.open(trainer.global_step - self._is_epoch_due, self._identities)

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: Optimizer
    ) -> None:
        """Note the rate of this step; after it the schedule has gone on."""
        self._rate = optimizer.param_groups[0]["lr"]

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Write what belongs to a step."""
        step = trainer.global_step
        if step == self._step or step % self._every:
            return
        self._step = step
        values = {"epoch": trainer.current_epoch + 1, "train/lr": self._rate}
        if math.isfinite(self._guard.norm):
            values["train/gradient-norm"] = self._guard.norm
        if batch_idx + 1 >= trainer.num_training_batches:
            self._held = values
            return
        self._logs.each(lambda log: log.scalars(values, step))

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """From here on, what there is of the last step is of the validation, and void if that is made again."""
        self._is_epoch_due = True

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write what belongs to an epoch."""
        record = self._history.records[-1]
        values = {
            "epoch": trainer.current_epoch + 1,
            **self._held,
            **{name: float(value) for name, value in sorted(trainer.callback_metrics.items())},
            "speed/chunks-per-second": record["chunks_per_second"],
            "speed/share-waiting-for-data": record["waiting_seconds"] / record["training_seconds"],
        }
        self._held, self._is_epoch_due = {}, False
        self._logs.each(lambda log: log.scalars(values, trainer.global_step))

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """What a checkpoint has behind it, its logs have too, whatever happens next."""
        self._logs.each(lambda log: log.flush())

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Close the logs; Lightning does not call `teardown` then."""
        self._logs.close(finished=False)

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Close the logs."""
        self._logs.close(finished=True)
