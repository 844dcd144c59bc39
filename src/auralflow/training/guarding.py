"""Steps that would spoil the weights: skipped, counted, written down, and too many of them end the run."""

import json
import logging
import math
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from torch.optim import Optimizer

from auralflow.errors import TrainingError
from auralflow.settings.train import GuardConfig

__all__ = ["GuardSteps"]

log = logging.getLogger(__name__)

_TOLD = 5
_MEMORY = 0.98
"""Decay of what is usual: some fifty steps."""
_LEARNING = 20
"""Steps before anything is called a spike."""


class GuardSteps(pl.Callback):
    """Takes the gradients of a step away where they are not finite, or far larger than usual.

    Without gradients an optimiser changes neither weights nor its own averages. Gradients are the same in all processes of a
    run, since they are averaged before, so that all decide alike. What is usual is the mean of the norm's logarithm.
    """

    def __init__(self, config: GuardConfig, place: Path) -> None:
        """Write what was skipped into `place`, a line of JSON each."""
        self._config = config
        self._place = place
        self._usual = 0.0
        self._seen = 0
        self.skipped = 0
        self.norm = math.nan
        """Norm of the latest gradients, before they are clipped."""

    def state_dict(self) -> dict[str, Any]:
        """For resuming."""
        return {"usual": self._usual, "seen": self._seen, "skipped": self.skipped}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up where a run left it."""
        self._usual, self._seen = state_dict["usual"], state_dict["seen"]
        self.skipped = state_dict["skipped"]

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: Optimizer
    ) -> None:
        """Measure the gradients; take them away if they are bad.

        Raises `TrainingError` where too many were.
        """
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        if not gradients:
            return
        self.norm = norm = float(torch.nn.utils.get_total_norm(gradients))
        reason = self._reason(norm)
        if reason is None:
            share = max(1.0 - _MEMORY, 1.0 / (self._seen + 1))
            self._usual += share * (math.log(max(norm, 1e-30)) - self._usual)
            self._seen += 1
            return
        for weight in weights:
            weight.grad = None
        self.skipped += 1
        self._write_down(trainer, pl_module, reason)
        if self.skipped <= _TOLD:
            log.warning("Step %d is skipped: %s", trainer.global_step + 1, reason)
        if self.skipped > self._config.limit:
            raise TrainingError(
                f"{self.skipped} steps had to be skipped, more than guard.limit, which is {self._config.limit}; the last one: "
                f"{reason}. The weights are those of before: lower lr, set clip-norm, or look at the batches with "
                "`auralflow data replay`"
            )

    def _reason(self, norm: float) -> str | None:
        if not math.isfinite(norm):
            return "its gradients are not finite"
        usual = math.exp(self._usual)
        spike = self._config.spike
        if spike and self._seen >= _LEARNING and norm > spike * usual:
            return (
                f"its gradients' norm is {norm:.3g}, {norm / usual:.0f} times the usual {usual:.3g}"
            )
        return None

    def _write_down(self, trainer: pl.Trainer, pl_module: pl.LightningModule, reason: str) -> None:
        """Which chunks the step had, so that they can be heard."""
        if not trainer.is_global_zero:
            return
        chunks = getattr(pl_module, "chunks_of_step", ())
        line = {
            "step": trainer.global_step + 1,
            "reason": reason,
            "chunks": [list(key) for key in chunks],
        }
        try:
            with self._place.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            log.warning(
                "What was skipped cannot be written to %s (%s)", self._place, error.strerror
            )
