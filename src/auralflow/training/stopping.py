"""Ending a run before its last epoch without losing anything."""

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytorch_lightning as pl

from auralflow.training.checkpointing import SaveWeights, is_step, is_step_to_agree
from auralflow.training.scheduler import TIME_IS_UP, is_slurm_job
from auralflow.training.waiting import Waiting

__all__ = ["Patience", "StopInTime", "StopOnSignal", "StoppedBySignal", "signals_given_back"]


# Windows has no terminals that hang up.
_HUNG_UP: signal.Signals = getattr(signal, "SIGHUP", signal.SIGTERM)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, TIME_IS_UP, _HUNG_UP)
_SAME_PRESS = 1.0
"""Seconds in which a second Ctrl-C is the first one: the terminal sends it to everybody, and torchrun sends it on."""


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
    """Ctrl-C and SIGTERM end training after the current step, with `_latest` saved; a second Ctrl-C ends it at once.

    So does a terminal that is closed, unless `nohup` has the process live on.

    While tracks are validated, the one at hand is left, and what is saved is the state before them. Under SLURM SIGUSR1,
    which jobs ask for before their time is up, ends training like SIGTERM and has the job queued again.
    """

    def __init__(self, weights: SaveWeights) -> None:
        self._weights = weights
        self._requested = False
        self._pressed = -math.inf
        self.is_time_up = False
        """Whether it was SLURM's signal that the job's time is over."""
        self.has_left = False
        """Whether a validated track was left for it."""

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Listen, if this is the thread that signals go to."""
        self._listen()

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Listen again: in between Lightning has begun to, who ends the program on SIGTERM with nothing saved."""
        self._listen()

    def leaves_track(self) -> bool:
        """Whether the track that is being validated is to be left, which is then noted."""
        self.has_left |= self._requested
        return self._requested

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
        if last or not is_step(trainer, batch_idx):
            return
        # All ranks must stop at the same step.
        if trainer.world_size > 1 and not is_step_to_agree(trainer, batch_idx):
            return
        if self._any(trainer, self._requested):
            self._weights.save_now(trainer)
            raise StoppedBySignal

    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Save the state before the validation, and leave, if it is not whole."""
        if self._any(trainer, self.has_left):
            self._weights.save_held(trainer)
            raise StoppedBySignal

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Leave between epochs; what is to be saved has been."""
        if self._any(trainer, self._requested):
            raise StoppedBySignal

    def _listen(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        signal.signal(signal.SIGINT, self._press)
        signal.signal(signal.SIGTERM, self._request)
        if signal.getsignal(_HUNG_UP) == signal.SIG_DFL:
            signal.signal(_HUNG_UP, self._request)
        if is_slurm_job():
            signal.signal(TIME_IS_UP, self._request)

    def _press(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._requested and now - self._pressed > _SAME_PRESS:
            raise KeyboardInterrupt
        if not self._requested:
            self._pressed = now
        self._requested = True

    def _request(self, number: int, frame: FrameType | None) -> None:
        """However often: schedulers repeat it until the process is gone, and what is being saved is to be whole."""
        self.is_time_up |= number == TIME_IS_UP and is_slurm_job()
        self._requested = True

    @staticmethod
    def _any(trainer: pl.Trainer, mine: bool) -> bool:
        """Whether it is so on any rank."""
        return (
            mine
            if trainer.world_size == 1
            else trainer.strategy.reduce_boolean_decision(mine, all=False)
        )


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
