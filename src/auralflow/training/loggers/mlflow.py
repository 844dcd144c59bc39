"""MLflow: the server that MLFLOW_TRACKING_URI names, or a database in the session's folder."""

import logging
import os
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from auralflow.errors import TrainingError
from auralflow.training.loggers.log import Log, Run
from auralflow.training.loggers.sending import Sender
from auralflow.training.loggers.sound import Clip
from auralflow.training.loggers.spread import Spread

__all__ = ["DATABASE", "MlflowLog"]

DATABASE = "mlflow.db"
_FILES = "mlruns"
_LONGEST = 500
_TOGETHER = 100
"""MLflow takes no longer values, and no more parameters at a time."""
_TALKERS = {
    "mlflow": logging.WARNING,
    "alembic": logging.WARNING,
    "urllib3.connectionpool": logging.ERROR,
}
"""What speaks of each step, and of each try."""


class MlflowLog(Log):
    """A run named as the model, in the experiment that MLFLOW_EXPERIMENT_NAME names, else in one named as the session.

    Sounds and pictures are artifacts, a file for each step. Histograms it has no place for.

    MLflow's client tries again for minutes by itself, and whoever called it waits: so it is called in a thread, tries less
    often unless MLFLOW_HTTP_REQUEST_MAX_RETRIES says how often, and what a server misses is sent when it is back.
    """

    def __init__(self, run: Run) -> None:
        # An extra: this module can be imported without.
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        for talker, level in _TALKERS.items():
            logging.getLogger(talker).setLevel(level)
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        # Two minutes otherwise, three times at the start, where a server takes the call and does not answer.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
        session = run.folder.session
        session.mkdir(parents=True, exist_ok=True)
        place = os.environ.get("MLFLOW_TRACKING_URI")
        where = place or f"sqlite:///{session / DATABASE}"
        files = None if place else (session / _FILES).as_uri()
        try:
            self._client = MlflowClient(where)
            self._id = run.identity or self._begin(run, files)
            self._client.update_run(self._id, status="RUNNING")
        except MlflowException as error:
            raise TrainingError(
                f"the logger mlflow cannot begin at {where} ({str(error).splitlines()[0]}): look at MLFLOW_TRACKING_URI, or "
                "leave mlflow out of loggers"
            ) from error
        self._sender = Sender(f"MLflow at {where}", _is_away)
        self._latest: dict[str, int] = {}
        self._is_resumed = run.identity is not None

    def _begin(self, run: Run, files: str | None) -> str:
        from mlflow.entities import Param

        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or run.folder.session.name or "auralflow"
        known = self._client.get_experiment_by_name(name)
        experiment = known.experiment_id if known else self._client.create_experiment(name, files)
        identity = str(self._client.create_run(experiment, run_name=run.folder.name).info.run_id)
        settings = [Param(key, value[:_LONGEST]) for key, value in run.settings.items()]
        for start in range(0, len(settings), _TOGETHER):
            self._client.log_batch(identity, params=settings[start : start + _TOGETHER])
        return identity

    @property
    def identity(self) -> str | None:
        """The run's id."""
        return self._id

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Charts. MLflow would keep a second value of a step beside the first, so what it has is left out."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        all_of_them = [Metric(name, value, now, step) for name, value in values.items()]

        def send() -> None:
            new = [metric for metric in all_of_them if step > self._latest_step(metric.key)]
            self._client.log_batch(self._id, metrics=new)

        self._sender.put(send)

    def histogram(self, name: str, spread: Spread, step: int) -> None:
        """MLflow has no place for it."""

    def audio(self, name: str, clip: Clip, step: int) -> None:
        """A file."""
        self._file(name, f"step {step:08}.wav", clip.wav)

    def picture(self, name: str, png: bytes, step: int) -> None:
        """A file."""
        self._file(name, f"step {step:08}.png", png)

    def flush(self) -> None:
        """Wait until MLflow has what it was given, if it answers."""
        self._sender.drain()

    def close(self, *, finished: bool) -> None:
        """Say how it ended."""
        status = "FINISHED" if finished else "KILLED"
        try:
            self._sender.put(lambda: self._client.set_terminated(self._id, status))
        finally:
            self._sender.close()

    def _latest_step(self, name: str) -> int:
        """The latest step for which a resumed run has a number already."""
        if not self._is_resumed:
            return -1
        if name not in self._latest:
            history = self._client.get_metric_history(self._id, name)
            self._latest[name] = max((metric.step for metric in history), default=-1)
        return self._latest[name]

    def _file(self, name: str, file: str, content: bytes) -> None:
        def send() -> None:
            with TemporaryDirectory() as folder:
                path = Path(folder) / file
                path.write_bytes(content)
                self._client.log_artifact(self._id, str(path), name)

        self._sender.put(send, len(content))


def _is_away(error: Exception) -> bool:
    """Whether an error is not what a server says to what it was asked, but that it says nothing, or not now."""
    from mlflow.exceptions import RestException

    if isinstance(error, RestException):
        return _is_for_later(error.get_http_status_code())
    if hasattr(error, "response"):
        # As those of requests are, which sends sounds and pictures; there is none where nobody answered.
        return _is_for_later(getattr(error.response, "status_code", 500))
    # MLflow's own word for a connection that could not be made.
    return "failed with exception" in str(error)


def _is_for_later(status: int) -> bool:
    """Whether a server that answers so has too much to do, or is broken, rather than asked for what it does not do."""
    return status >= 500 or status == HTTPStatus.TOO_MANY_REQUESTS
