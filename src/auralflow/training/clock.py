"""How long training waits for its data."""

import time

from pytorch_lightning.profilers import Profiler

__all__ = ["WaitingClock"]

_FETCHING = "train_dataloader_next"


class WaitingClock(Profiler):
    """Adds up the time between asking the loader for a batch and having it; Lightning tells profilers of both."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        """Since the run began."""
        self._asked = 0.0

    def start(self, action_name: str) -> None:
        """Lightning begins something."""
        if action_name.endswith(_FETCHING):
            self._asked = time.perf_counter()

    def stop(self, action_name: str) -> None:
        """Lightning is done with it."""
        if action_name.endswith(_FETCHING):
            self.seconds += time.perf_counter() - self._asked

    def summary(self) -> str:
        """Nothing: it is told with the epochs."""
        return ""
