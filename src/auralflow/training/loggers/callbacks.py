"""Which callbacks log a run."""

from collections.abc import Sequence

import pytorch_lightning as pl

from auralflow.datasets.tracks import Track
from auralflow.settings import Settings
from auralflow.training.guarding import GuardSteps
from auralflow.training.history import History
from auralflow.training.loggers.examples import LogExamples
from auralflow.training.loggers.histograms import LogHistograms
from auralflow.training.loggers.logs import Logs
from auralflow.training.loggers.scalars import LogScalars

__all__ = ["logging_callbacks"]

_STEPS = 10
"""Between two points of learning rate and gradient norm; fewer where an epoch has fewer."""


def logging_callbacks(
    logs: Logs,
    settings: Settings,
    guard: GuardSteps,
    history: History,
    *,
    tracks: Sequence[Track],
    steps_per_epoch: int,
) -> tuple[list[pl.Callback], list[pl.Callback]]:
    """Those that must come before the guard of the steps, and those that come after the history and before saving."""
    config = settings.train
    if not logs.names:
        return [], []
    before: list[pl.Callback] = []
    if config.log_histograms_every:
        before.append(LogHistograms(logs, every=config.log_histograms_every))
    after: list[pl.Callback] = [
        LogScalars(logs, guard, history, every=min(_STEPS, steps_per_epoch))
    ]
    # A table takes neither sound nor pictures.
    if tracks and set(logs.names) != {"csv"}:
        after.append(
            LogExamples(
                logs,
                tracks,
                seconds=config.log_seconds,
                audio_every=config.log_audio_every,
                pictures_every=config.log_pictures_every,
                backend=settings.data.backend,
            )
        )
    return before, after
