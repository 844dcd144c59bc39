"""A run that was stopped and resumed is the run that was never stopped, bit for bit."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from auralflow import train
from auralflow.checkpoints import read_checkpoint
from auralflow.errors import CheckpointError, SessionError, TrainingError
from auralflow.training import stopping
from auralflow.training.stopping import StopOnSignal
from tests.training.comparing import assert_same
from tests.training.conftest import STEPS_PER_EPOCH, TINY


def _stop_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real SIGINT once `step` steps are done."""
    original = StopOnSignal.on_train_batch_end

    def interrupted(self: Any, trainer: Any, *rest: Any) -> None:
        if trainer.global_step == step:
            os.kill(os.getpid(), signal.SIGINT)
        original(self, trainer, *rest)

    monkeypatch.setattr(StopOnSignal, "on_train_batch_end", interrupted)


@pytest.mark.parametrize("step", [1, 2, 3, STEPS_PER_EPOCH + 1, 2 * STEPS_PER_EPOCH - 1])
def test_a_run_interrupted_within_an_epoch_and_resumed_equals_the_undisturbed_one(
    songs: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(name="whole", data=songs, epochs=3, **TINY)
    with monkeypatch.context() as patch:
        _stop_at(step, patch)
        stopped = train(name="parts", data=songs, epochs=3, **TINY)
    assert stopped.interrupted
    assert stopped.steps == step
    resumed = train("parts", data=songs, epochs=3, resume=True)
    assert not resumed.interrupted
    assert resumed.steps == whole.steps == 3 * STEPS_PER_EPOCH
    assert_same(whole.latest, resumed.latest)
    assert [record["epoch"] for record in resumed.history] == [1, 2, 3]
    for before, after in zip(whole.history, resumed.history, strict=True):
        assert before["valid_loss"] == after["valid_loss"]
        assert before["valid_sdr"] == after["valid_sdr"]


def _mine(number: int, frame: Any) -> None:
    """Who listens to signals before a training."""


@pytest.fixture
def listening() -> Iterator[None]:
    before = {number: signal.signal(number, _mine) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def _listeners() -> list[Any]:
    return [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


@pytest.mark.usefixtures("listening")
def test_signals_go_to_who_had_them_after_an_interrupted_training(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stop_at(1, monkeypatch)
    assert train(name="stopped", data=songs, epochs=3, **TINY).interrupted
    assert _listeners() == [_mine, _mine]


@pytest.mark.usefixtures("listening")
def test_a_second_interruption_ends_training_at_once_as_one_elsewhere_does(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(stopping, "_SAME_PRESS", 0.0)
    monkeypatch.setattr(StopOnSignal, "on_train_batch_end", impatient)
    with pytest.raises(KeyboardInterrupt):
        train(name="stopped", data=songs, epochs=3, **TINY)
    assert _listeners() == [_mine, _mine]


RECIPES: list[Any] = [
    {"schedule": {"name": "cosine", "warmup_steps": 3}},
    {"schedule": {"name": "plateau", "patience": 0, "factor": 0.5}},
    {"accumulate": 3, "ema": 0.5, "optim": "sgd", "momentum": 0.9, "clip_norm": 0.01},
    {"precision": "bfloat16"},
    {"guard": {"spike": 1.5}},
    *(
        pytest.param(recipe, marks=pytest.mark.slow)
        for recipe in (
            {"schedule": {"name": "one-cycle"}},
            {"schedule": {"name": "step", "every": 1}, "optim": "radam", "weight_decay": 0.1},
            {"ema": 0.9},
            {"accumulate": 2},
            {"optim": "prodigy", "lr": 1.0},
        )
    ),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_every_recipe_resumes_bit_for_bit(
    songs: Path, recipe: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {**TINY, **recipe, "load_size": 14}
    steps = -(-7 // recipe.get("accumulate", 1))
    whole = train(name="whole", data=songs, epochs=3, **options)
    with monkeypatch.context() as patch:
        _stop_at(steps + 1, patch)
        stopped = train(name="parts", data=songs, epochs=3, **options)
    assert (stopped.interrupted, stopped.steps) == (True, steps + 1)
    resumed = train("parts", data=songs, epochs=3, resume=True)
    assert resumed.steps == 3 * steps
    assert_same(whole.latest, resumed.latest)


def test_a_run_killed_and_resumed_from_a_save_within_an_epoch_equals_the_undisturbed_one(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(name="whole", data=songs, epochs=2, **TINY)

    class Killed(BaseException):
        pass

    original = StopOnSignal.on_train_batch_end

    def die(self: Any, trainer: Any, *rest: Any) -> None:
        original(self, trainer, *rest)
        if trainer.global_step == STEPS_PER_EPOCH + 2:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(StopOnSignal, "on_train_batch_end", die)
        with pytest.raises(Killed):
            # Every step is saved: a ten-thousandth of a minute is over by then.
            train(name="parts", data=songs, epochs=2, save_minutes=1e-4, **TINY)
    latest = Path("parts/checkpoint/parts_latest.pth")
    assert read_checkpoint(latest).progress["step"] == STEPS_PER_EPOCH + 2
    resumed = train("parts", data=songs, epochs=2, resume=True, save_minutes=0.0)
    assert_same(whole.latest, resumed.latest)


def test_a_damaged_latest_is_named_and_the_one_before_resumes(
    songs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = train(name="whole", data=songs, epochs=3, **TINY)
    stopped = train(name="parts", data=songs, epochs=2, **TINY)
    previous = stopped.latest.with_name("parts_previous.pth")
    assert read_checkpoint(previous).progress["epoch"] == 1
    content = stopped.latest.read_bytes()
    stopped.latest.write_bytes(content[: len(content) // 2])
    resumed = train("parts", data=songs, epochs=3, resume=True)
    assert "parts_latest.pth is damaged" in caplog.text
    assert "going on from parts_previous.pth" in caplog.text
    assert resumed.latest == stopped.latest
    assert_same(whole.latest, resumed.latest)


def test_a_run_resumed_after_a_whole_epoch_equals_the_undisturbed_one(songs: Path) -> None:
    whole = train(name="whole", data=songs, epochs=3, **TINY)
    train(name="parts", data=songs, epochs=1, **TINY)
    resumed = train("parts", data=songs, epochs=3, resume=True)
    assert_same(whole.latest, resumed.latest)
    assert whole.best is not None
    assert resumed.best is not None
    for name, weights in read_checkpoint(whole.best).state.items():
        assert torch.equal(weights, read_checkpoint(resumed.best).state[name])


@pytest.mark.parametrize(("batch_size", "steps"), [(4, 2), (1, 8)])
def test_after_a_whole_epoch_the_next_has_all_its_steps_with_batches_of_another_size_too(
    songs: Path, batch_size: int, steps: int
) -> None:
    train(name="net", data=songs, epochs=2, **TINY)
    resumed = train("net", data=songs, epochs=3, resume=True, batch_size=batch_size)
    assert resumed.steps == 2 * STEPS_PER_EPOCH + steps


def test_the_number_of_workers_changes_nothing(songs: Path) -> None:
    alone = train(name="alone", data=songs, epochs=1, **TINY)
    helped = train(name="helped", data=songs, epochs=1, **{**TINY, "workers": 2})
    for name, weights in read_checkpoint(alone.latest).state.items():
        assert torch.equal(weights, read_checkpoint(helped.latest).state[name])


def test_another_seed_is_another_network(songs: Path) -> None:
    one = train(name="one", data=songs, epochs=1, **TINY)
    other = train(name="other", data=songs, epochs=1, seed=1, **TINY)
    weights = [
        read_checkpoint(run.latest).state["unet.encoder.0.before.0.weight"] for run in (one, other)
    ]
    assert not torch.equal(*weights)


def test_resuming_another_network_lists_what_changed(songs: Path) -> None:
    train(name="model", data=songs, epochs=1, **TINY)
    with pytest.raises(
        CheckpointError, match=r"init-features was 2 and is 4.*targets was \[vocals\]"
    ):
        train("model", data=songs, resume=True, init_features=4, targets="drums")


def test_a_run_that_is_over_says_how_to_go_further(songs: Path) -> None:
    train(name="model", data=songs, epochs=2, **TINY)
    for epochs in (1, 2):
        with pytest.raises(TrainingError, match=r"has 2 epochs behind it .* pass --epochs 12"):
            train("model", data=songs, resume=True, epochs=epochs)


def test_a_trained_model_is_not_trained_over_unless_told_to(songs: Path) -> None:
    first = train(name="model", data=songs, epochs=1, **TINY)
    before = first.latest.read_bytes()
    with pytest.raises(SessionError, match="--resume to go on, --force to start over"):
        train("model", data=songs)
    assert first.latest.read_bytes() == before
    again = train("model", data=songs, force=True, epochs=2)
    assert again.steps == 2 * STEPS_PER_EPOCH


def test_nothing_to_resume_is_said(songs: Path) -> None:
    with pytest.raises(CheckpointError, match="nothing to resume"):
        train(name="model", data=songs, resume=True, **TINY)
