"""Ending a run before its last epoch without losing anything."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytorch_lightning as pl

from auralflow.training.checkpointing import SaveWeights, is_step
from auralflow.training.waiting import Waiting

__all__ = ["Patience", "StopInTime", "StopOnSignal", "StoppedBySignal", "signals_given_back"]


_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def signals_given_back() -> Iterator[None]:
    """Around a training: afterwards signals go to who had them, and a Ctrl-C at once is a `KeyboardInterrupt`.

    Lightning leaves the program with code 1 on that, and deaf to any further one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        yield
    except SystemExit as left:
        if isinstance(left.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from left
        raise
    finally:
        for number, handler in before.items():
            if handler is not None:  # None was set by other than Python
                signal.signal(number, handler)


class StoppedBySignal(Exception):  # noqa: N818  (no error: somebody wished it)
    """Raised out of Lightning's loop once everything is saved."""


class StopOnSignal(pl.Callback):
    """Ctrl-C and SIGTERM end training after the current step, with `_latest` saved; a second one ends it at once."""

    def __init__(self, weights: SaveWeights) -> None:
        self._weights = weights
        self._requested = False

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Listen, if this is the thread that signals go to."""
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                signal.signal(number, self._request)

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Save and leave if that was asked for; the end of an epoch is left to those who save there."""
        last = batch_idx + 1 >= trainer.num_training_batches
        if not last and is_step(trainer, batch_idx) and self._anyone_asked(trainer, batch_idx):
            self._weights.save_now(trainer)
            raise StoppedBySignal

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Leave between epochs; what is to be saved has been."""
        if self._anyone_asked(trainer, 0):
            raise StoppedBySignal

    def _request(self, number: int, frame: FrameType | None) -> None:
        if self._requested:
            raise KeyboardInterrupt
        self._requested = True

    def _anyone_asked(self, trainer: pl.Trainer, batch_idx: int) -> bool:
        """All ranks must stop at the same step, and agreeing costs a message: they do so every tenth step."""
        if trainer.world_size == 1:
            return self._requested
        if batch_idx % 10:
            return False
        return trainer.strategy.reduce_boolean_decision(self._requested, all=False)


class StopInTime(pl.Callback):
    """Begins no epoch that, going by the one before, would not end within the limit."""

    def __init__(self, minutes: float) -> None:
        self._seconds = minutes * 60
        self._start = 0.0
        self._epoch_start = 0.0

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self._start = time.monotonic()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note when the epoch begins."""
        self._epoch_start = time.monotonic()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Ask for the end if another epoch would be late."""
        now = time.monotonic()
        late = now + (now - self._epoch_start) > self._start + self._seconds
        if trainer.strategy.reduce_boolean_decision(late, all=False):
            trainer.should_stop = True


class Patience(pl.Callback):
    """Ends training after so many epochs without improvement.

    Lightning's own runs after everything else at the end of an epoch, so that what it has counted is not in the checkpoint
    written there, and a resumed run would be more patient than one that was never stopped.
    """

    def __init__(self, epochs: int, *, monitor: str, mode: str) -> None:
        self._epochs = epochs
        self._waiting = Waiting(monitor, mode)

    def state_dict(self) -> dict[str, Any]:
        """For resuming."""
        return self._waiting.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up where a run left it."""
        self._waiting.load_state_dict(state_dict)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Count; every process has the same scores, and asks for the end at the same time."""
        if self._waiting.update(trainer.callback_metrics) >= self._epochs:
            trainer.should_stop = True
