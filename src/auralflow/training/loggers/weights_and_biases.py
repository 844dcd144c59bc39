"""Weights & Biases, online or, with WANDB_MODE=offline, into a folder that `wandb sync` sends later."""

import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from auralflow.errors import TrainingError
from auralflow.training.loggers.log import Log, Run
from auralflow.training.loggers.sound import Clip
from auralflow.training.loggers.spread import Spread

__all__ = ["WandbLog"]


class WandbLog(Log):
    """A run named as the model, in the project that WANDB_PROJECT names, else in one named as the session.

    What the place has already, it keeps: a resumed run computes the same numbers once more.
    """

    def __init__(self, run: Run) -> None:
        # An extra: this module can be imported without.
        import wandb

        self._wandb: Any = wandb
        run.folder.runs.mkdir(parents=True, exist_ok=True)
        try:
            self._run = wandb.init(
                project=os.environ.get("WANDB_PROJECT") or run.folder.session.name or None,
                name=run.folder.name,
                dir=str(run.folder.runs),
                id=run.identity,
                resume="allow" if run.identity else None,
                config=dict(run.settings),
                allow_val_change=True,
            )
        except wandb.Error as error:
            raise TrainingError(
                f"the logger wandb cannot begin ({str(error).strip()}): run `wandb login`, set WANDB_MODE=offline, or "
                "leave wandb out of loggers"
            ) from error
        self._first = int(self._run.starting_step)
        self._step = self._first

    @property
    def identity(self) -> str | None:
        """The run's id."""
        return str(self._run.id)

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Charts."""
        self._log(values, step)

    def histogram(self, name: str, spread: Spread, step: int) -> None:
        """A histogram over time."""
        content = self._wandb.Histogram(
            np_histogram=(spread.counts.tolist(), spread.edges.tolist())
        )
        self._log({name: content}, step)

    def audio(self, name: str, clip: Clip, step: int) -> None:
        """A player."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "sound.wav"
            path.write_bytes(clip.wav)
            self._log({name: self._wandb.Audio(str(path))}, step)

    def picture(self, name: str, png: bytes, step: int) -> None:
        """An image."""
        with Image.open(BytesIO(png)) as image:
            self._log({name: self._wandb.Image(image)}, step)

    def flush(self) -> None:
        """End the row of the latest step, which is otherwise sent when the next one begins."""
        if self._step >= self._first:
            self._run.log({}, step=self._step, commit=True)

    def close(self, *, finished: bool) -> None:
        """End the run; another one in the same process is then its own."""
        self._run.finish(exit_code=0 if finished else 1)

    def _log(self, values: Mapping[str, Any], step: int) -> None:
        if step >= self._first:
            self._step = step
            self._run.log(dict(values), step=step)
