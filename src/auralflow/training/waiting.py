"""Epochs since a score has last improved: what patience and a plateau are made of."""

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

__all__ = ["Waiting"]


class Waiting:
    """Counts the epochs in which the monitored score was no better than its best; one that is missing or NaN is none."""

    def __init__(self, monitor: str, mode: str) -> None:
        """`mode` is `min` where less is better, else `max`."""
        self._monitor = monitor
        self._sign = 1.0 if mode == "min" else -1.0
        self._best = math.inf
        self.epochs = 0

    def state_dict(self) -> dict[str, Any]:
        """For resuming."""
        return {"best": self._best, "epochs": self.epochs}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up where a run left it."""
        self._best, self.epochs = state["best"], state["epochs"]

    def update(self, scores: Mapping[str, Tensor]) -> int:
        """Take in the scores of an epoch; the epochs without improvement up to it."""
        score = scores.get(self._monitor)
        value = math.nan if score is None else self._sign * float(score)
        if value < self._best:
            self._best, self.epochs = value, 0
        else:
            self.epochs += 1
        return self.epochs
