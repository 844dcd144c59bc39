"""How the learning rate changes, as factors of `lr`."""

import math
from collections.abc import Callable
from typing import Any

import pytorch_lightning as pl
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from auralflow.settings.train import ScheduleConfig
from auralflow.training.waiting import Waiting

__all__ = ["Plateau", "create_schedule", "factor_at"]

_RISING = 0.3
"""Share of one-cycle's steps in which the rate rises."""
_FIRST = 0.04
"""Share of `lr` that one-cycle begins with."""


def factor_at(config: ScheduleConfig, step: int, *, steps: int, steps_per_epoch: int) -> float:
    """What `lr` is multiplied with in step number `step`, counted from 0, of `steps` in all.

    It is a function of the step alone, so that a resumed run goes on where it was. `plateau`, which depends on what
    validation says, is constant here but for its warm-up.

    Sources: cosine, Loshchilov and Hutter, "SGDR", ICLR 2017; one-cycle, Smith and Topin, "Super-Convergence", 2018.
    """
    if config.name == "one-cycle":
        return _one_cycle(config, step, steps)
    warm = config.warmup_steps
    if step < warm:
        return (step + 1) / (warm + 1)
    if config.name == "cosine":
        return _falling(config.final, (step - warm) / max(1, steps - warm))
    if config.name == "step":
        return config.factor ** (step // (steps_per_epoch * config.every))
    return 1.0


def create_schedule(
    config: ScheduleConfig,
    optimiser: Optimizer,
    *,
    steps: int,
    steps_per_epoch: int,
    reduction: Callable[[], float],
) -> dict[str, Any]:
    """The schedule as Lightning takes it; `reduction` is what `plateau` multiplies the rate with at the moment."""

    def factor(step: int) -> float:
        planned = factor_at(config, step, steps=steps, steps_per_epoch=steps_per_epoch)
        return planned * reduction()

    return {"scheduler": LambdaLR(optimiser, factor), "interval": "step"}


class Plateau(pl.Callback):
    """Reduces the learning rate where validation has not improved for some epochs.

    Every process sees the same scores and does the same. The next step is the first at the new rate.
    """

    def __init__(self, config: ScheduleConfig, *, monitor: str, mode: str) -> None:
        self._config = config
        self._waiting = Waiting(monitor, mode)
        self.factor = 1.0
        """What the learning rate is multiplied with."""

    def state_dict(self) -> dict[str, Any]:
        """For resuming."""
        return {"waiting": self._waiting.state_dict(), "factor": self.factor}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up where a run left it."""
        self._waiting.load_state_dict(state_dict["waiting"])
        self.factor = state_dict["factor"]

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Reduce the rate after more epochs without improvement than `patience`, and count anew."""
        if self._waiting.update(trainer.callback_metrics) > self._config.patience:
            self.factor *= self._config.factor
            self._waiting.epochs = 0


def _falling(final: float, share: float) -> float:
    """From 1 to `final` by half a period of a cosine."""
    return final + (1.0 - final) * 0.5 * (1.0 + math.cos(math.pi * min(1.0, share)))


def _one_cycle(config: ScheduleConfig, step: int, steps: int) -> float:
    top = max(1.0, _RISING * steps)
    if step < top:
        return 1.0 - (1.0 - _FIRST) * 0.5 * (1.0 + math.cos(math.pi * step / top))
    return _falling(config.final, (step - top) / max(1.0, steps - 1 - top))
