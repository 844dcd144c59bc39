"""Weights and gradients as histograms."""

from typing import Any

import pytorch_lightning as pl
from torch import nn
from torch.optim import Optimizer

from auralflow.training.loggers.logs import Logs
from auralflow.training.loggers.spread import Spread, spread_of

__all__ = ["LogHistograms"]


class LogHistograms(pl.Callback):
    """Writes a histogram of every weight after an epoch, and of its gradient in the epoch's last step.

    The gradients are those of before they are clipped, or taken away because they are bad: it must come before who does that.
    The weights are the trained ones, not their average.
    """

    def __init__(self, logs: Logs, *, every: int) -> None:
        self._logs = logs
        self._every = every
        self._gradients: dict[str, Spread] = {}

    def state_dict(self) -> dict[str, Any]:
        """The gradients of the last step of an epoch that is not over."""
        return {"gradients": {name: spread.as_state() for name, spread in self._gradients.items()}}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with these."""
        self._gradients = {
            name: Spread.from_state(state) for name, state in state_dict["gradients"].items()
        }

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: Optimizer
    ) -> None:
        """Keep the gradients of the last step."""
        if trainer.is_global_zero and trainer.is_last_batch and self._is_due(trainer):
            found = (
                (name, spread_of(weight.grad))
                for name, weight in _weights_of(pl_module)
                if weight.grad is not None
            )
            self._gradients = {name: spread for name, spread in found if spread is not None}

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write both."""
        if not trainer.is_global_zero or not self._is_due(trainer):
            return
        for name, weight in _weights_of(pl_module):
            self._write(f"weights/{name}", spread_of(weight), trainer.global_step)
        for name, spread in self._gradients.items():
            self._write(f"gradients/{name}", spread, trainer.global_step)
        self._gradients = {}

    def _write(self, name: str, spread: Spread | None, step: int) -> None:
        if spread is not None:
            self._logs.each(lambda log: log.histogram(name, spread, step))

    def _is_due(self, trainer: pl.Trainer) -> bool:
        return (trainer.current_epoch + 1) % self._every == 0


def _weights_of(module: pl.LightningModule) -> list[tuple[str, nn.Parameter]]:
    """By the names that checkpoints and `freeze` know."""
    return [
        (name.removeprefix("model."), weight)
        for name, weight in module.named_parameters()
        if name.startswith("model.")
    ]
