"""What the terminal shows while a network trains."""

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytorch_lightning as pl
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from auralflow.training.checkpointing import SaveWeights
from auralflow.training.clock import WaitingClock
from auralflow.training.history import History
from auralflow.training.telling import clock_time, epoch_facts, packed

__all__ = ["ShowProgress", "decoding_bar"]

_SECONDS_BETWEEN_LINES = 60.0


class _Told(ProgressColumn):
    """Loss, speed and time left, as the callback last worked them out; what the line has no room for is cut off."""

    def render(self, task: Any) -> Text:
        return Text(task.fields.get("told", ""), no_wrap=True, overflow="ellipsis")


class ShowProgress(pl.Callback):
    """A bar for the running epoch and a line for each finished one; without a terminal, plain lines only."""

    def __init__(
        self,
        history: History,
        weights: SaveWeights,
        clock: WaitingClock,
        *,
        epochs: int,
        chunks: int,
        title: str,
    ) -> None:
        self._history = history
        self._weights = weights
        self._clock = clock
        self._waited_before = 0.0
        self._epochs = epochs
        self._chunks = chunks
        self._title_line = title
        self._console = Console(file=sys.stderr)
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._start = 0.0
        self._first_step = 0
        self._line_due = 0.0
        self._loss = math.nan

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Say what is trained."""
        if trainer.is_global_zero:
            self._say(self._title_line)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Open the bar of an epoch that is resumed in its middle: its start is not announced."""
        self.on_train_epoch_start(trainer, pl_module)

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Open the bar."""
        self._close()
        self._start = time.monotonic()
        self._waited_before = self._clock.seconds
        self._first_step = trainer.global_step
        self._loss = math.nan
        self._line_due = self._start + _SECONDS_BETWEEN_LINES
        if trainer.is_global_zero and self._console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                # At 80 columns little is left between the numbers.
                BarColumn(bar_width=min(24, max(4, self._console.width - 73))),
                TextColumn("{task.completed}/{task.total}"),
                _Told(),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task(
                self._title(trainer), total=trainer.num_training_batches
            )
            self._bar.start()

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Move the bar; the loss shown is a running mean."""
        if not trainer.is_global_zero:
            return
        now = time.monotonic()
        due = now >= self._line_due
        if self._bar is None and not due:
            return
        loss = float(outputs["loss"])
        self._loss = loss if math.isnan(self._loss) else 0.95 * self._loss + 0.05 * loss
        done = trainer.global_step - self._first_step
        rate = done / max(now - self._start, 1e-9)
        left = (trainer.num_training_batches - batch_idx - 1) / max(rate, 1e-9)
        waiting = (self._clock.seconds - self._waited_before) / max(now - self._start, 1e-9)
        told = (
            f"loss {self._loss:.4g}  {rate * self._chunks:.3g} chunks/s  {waiting:.0%} waiting  "
            f"{clock_time(left)} left"
        )
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=batch_idx + 1, told=told)
        elif due:
            self._line_due = now + _SECONDS_BETWEEN_LINES
            share = f"{batch_idx + 1}/{trainer.num_training_batches}"
            self._say(f"{self._title(trainer)}  step {share}  {told} in this epoch")

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Say what the bar now waits for."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, told="separating the validation tracks …")

    def on_validation_batch_end(  # noqa: PLR0917  (Lightning's signature)
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Say how many of them are done: those of this process, which has its share."""
        if self._bar is not None and self._task is not None:
            tracks = sum(int(count) for count in trainer.num_val_batches)
            self._bar.update(self._task, told=f"{batch_idx + 1} of {tracks} validation tracks")

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Close the bar and leave the epoch's line."""
        self._close()
        if trainer.is_global_zero and self._history.records:
            self._say(self._line(trainer))

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Leave the terminal as it was."""
        self._close()

    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Leave the terminal as it was."""
        self._close()

    def _say(self, line: str) -> None:
        """Write a line whoever called: a script or a notebook has set up no logging."""
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _title(self, trainer: pl.Trainer) -> str:
        return f"epoch {trainer.current_epoch + 1}/{self._epochs}"

    def _line(self, trainer: pl.Trainer) -> str:
        """On a terminal as many lines as its width asks for, elsewhere one, so that a log can be searched."""
        facts = epoch_facts(
            self._history.records, epochs=self._epochs, best_epoch=self._weights.best_epoch
        )
        width = self._console.width if self._console.is_terminal else None
        return packed(f"{self._title(trainer):<13}", facts, width=width)


@contextmanager
def decoding_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar that appears once there is something to decode."""
    bar = Progress(
        TextColumn("decoding"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed}/{task.total} files"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("decoding", total=None)

    def update(done: int, total: int) -> None:
        if bar.console.is_terminal and not bar.live.is_started:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield update
    finally:
        if bar.live.is_started:
            bar.stop()
