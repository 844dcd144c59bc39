"""What is sent to a server arrives whole and in order, and nothing waits for one that is away."""

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from auralflow.session import ModelFolder
from auralflow.training import train
from auralflow.training.loggers import sending
from auralflow.training.loggers.log import Run
from auralflow.training.loggers.sending import Sender
from tests.training.test_logging import LOGGED


class Server:
    """Takes what it is given, unless it is away."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.away = threading.Event()
        self.tried = threading.Event()

    def take(self, number: int) -> None:
        self.tried.set()
        if self.away.is_set():
            raise ConnectionError("nobody answers")
        if number < 0:
            raise ValueError("that is no number")
        self.taken.append(number)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(sending, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(sending, "_PATIENCE", 0.5)
    return Server()


@pytest.fixture
def sender(server: Server) -> Iterator[Sender]:
    sender = Sender("the server", lambda error: isinstance(error, ConnectionError))
    yield sender
    sender.close()


def test_everything_is_there_after_draining(sender: Sender, server: Server) -> None:
    for number in range(100):
        sender.put(partial(server.take, number))
    sender.drain()
    assert server.taken == list(range(100))


def test_what_is_missed_is_sent_in_order_when_the_server_is_back(
    sender: Sender, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.away.set()
    for number in range(5):
        sender.put(partial(server.take, number))
    assert server.tried.wait(5)
    sender.drain()
    assert server.taken == []
    server.away.clear()
    for _ in range(500):
        sender.drain()
        if server.taken == list(range(5)):
            break
        time.sleep(0.01)
    assert server.taken == list(range(5))
    assert caplog.text.count("the server does not answer (ConnectionError: nobody answers)") == 1


def test_a_server_that_takes_a_call_and_says_nothing_is_waited_for_once(
    sender: Sender, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()

    def ask() -> None:
        server.tried.set()
        answers.wait(30)
        server.taken.append(0)

    sender.put(ask)
    assert server.tried.wait(5)
    sender.drain()  # waits for as long as it has patience
    monkeypatch.setattr(sending, "_PATIENCE", 60.0)
    sender.drain()  # would wait for the answer
    assert server.taken == []
    answers.set()
    while not server.taken:
        time.sleep(0.01)
    # It has answered, and is waited for again.
    answers.clear()
    sender.put(ask)
    threading.Timer(0.2, answers.set).start()
    sender.drain()
    assert server.taken == [0, 0]


def test_what_is_refused_is_told_at_the_next_call_and_the_rest_is_sent(
    sender: Sender, server: Server
) -> None:
    for number in (1, -1, 2):
        sender.put(partial(server.take, number))
    with pytest.raises(ValueError, match="that is no number"):
        sender.drain()
    sender.drain()
    assert server.taken == [1, 2]


def test_at_the_end_what_could_not_be_sent_is_counted(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    sender = Sender("the server", lambda error: isinstance(error, ConnectionError))
    server.away.set()
    for number in range(3):
        sender.put(partial(server.take, number))
    sender.close()
    assert server.taken == []
    assert "the server does not answer: 3 of what was logged is missing there" in caplog.text


def test_only_so_much_is_kept_for_a_server_that_is_away(
    sender: Sender,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sending, "_MOST", 100)
    server.away.set()
    for number in range(4):
        sender.put(partial(server.take, number), size=40)
    sender.put(lambda: server.take(9))
    server.away.clear()
    for _ in range(500):
        sender.drain()
        if server.taken == [0, 1, 9]:
            break
        time.sleep(0.01)
    assert server.taken == [0, 1, 9]
    assert caplog.text.count("some sounds and pictures will be missing") == 1


class NobodyError(Exception):
    """Stands for MLflow's exceptions."""


class Store:
    """What the logger uses of MLflow's client; each third call finds nobody there."""

    def __init__(self) -> None:
        self.metrics: dict[str, list[int]] = defaultdict(list)
        self.files: list[str] = []
        self.status = ""
        self.calls = 0

    def _call(self) -> None:
        self.calls += 1
        if self.calls % 3 == 0:
            raise NobodyError("API request to x failed with exception: nobody")

    def get_experiment_by_name(self, name: str) -> None:
        return None

    def create_experiment(self, name: str, files: str | None) -> str:
        assert files is None
        return "experiment"

    def create_run(self, experiment: str, run_name: str) -> Any:
        return SimpleNamespace(info=SimpleNamespace(run_id="run"))

    def update_run(self, identity: str, status: str) -> None:
        self.status = status

    def log_batch(self, identity: str, params: Any = (), metrics: Any = ()) -> None:
        if metrics:
            self._call()
        for metric in metrics:
            self.metrics[metric.key].append(metric.step)

    def log_artifact(self, identity: str, path: str, name: str) -> None:
        self._call()
        assert Path(path).stat().st_size > 1000
        self.files.append(f"{name}/{Path(path).name}")

    def set_terminated(self, identity: str, status: str) -> None:
        self._call()
        self.status = status


@pytest.fixture
def store(server: Server, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Stands for MLflow's server and the package; pauses are short."""
    store = Store()
    mlflow: Any = ModuleType("mlflow")
    entities: Any = ModuleType("mlflow.entities")
    exceptions: Any = ModuleType("mlflow.exceptions")
    mlflow.MlflowClient = lambda where: store
    exceptions.MlflowException = NobodyError
    exceptions.RestException = type("RestException", (NobodyError,), {})
    entities.Param = lambda *values: values
    entities.Metric = lambda key, value, when, step: SimpleNamespace(key=key, step=step)
    for name in ("sqlalchemy", "alembic"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    for module in (mlflow, entities, exceptions):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://localhost:1")
    return store


def test_a_run_is_whole_in_an_mlflow_that_is_away_now_and_then(songs: Path, store: Store) -> None:
    train(name="net", data=songs, epochs=2, **{**LOGGED, "loggers": "mlflow", "log_audio_every": 1})
    metrics = store.metrics
    assert metrics["valid/loss"] == metrics["train/loss"]
    assert len(metrics["valid/loss"]) == 2
    assert all(len(set(steps)) == len(steps) for steps in metrics.values())
    assert len(store.files) >= 4
    assert store.status == "FINISHED"
    assert store.calls > 6


def test_how_a_run_ended_arrives_after_something_was_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from auralflow.training.loggers.mlflow import MlflowLog

    refused = threading.Event()
    end = store.set_terminated

    def refuse(*_: Any) -> None:
        refused.set()
        raise NobodyError("no such folder")

    def end_slowly(identity: str, status: str) -> None:
        time.sleep(0.2)
        end(identity, status)

    monkeypatch.setattr(store, "log_artifact", refuse)
    monkeypatch.setattr(store, "set_terminated", end_slowly)
    log = MlflowLog(Run(ModelFolder(tmp_path / "net"), {}, 0, None))
    log.picture("a", b"png", 1)
    assert refused.wait(5)
    time.sleep(0.05)
    with pytest.raises(NobodyError, match="no such folder"):
        log.close(finished=True)
    assert store.status == "FINISHED"
