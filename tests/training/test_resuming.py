"""A run that was stopped and resumed is the run that was never stopped, bit for bit."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from auralflow import train
from auralflow.checkpoints import read_checkpoint
from auralflow.errors import CheckpointError, SessionError, TrainingError
from auralflow.training.stopping import StopOnSignal
from tests.training.conftest import STEPS_PER_EPOCH, TINY


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, list | tuple):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return {path: value}
    return {k: v for key, inner in value.items() for k, v in _flat(inner, f"{path}/{key}").items()}


def _assert_same(one: Path, other: Path) -> None:
    first, second = read_checkpoint(one), read_checkpoint(other)
    assert first.state.keys() == second.state.keys()
    for name, weights in first.state.items():
        assert torch.equal(weights, second.state[name]), name
    ours, theirs = (_flat((c.training or {})["optimizer_states"]) for c in (first, second))
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        same = (
            torch.equal(value, theirs[name])
            if isinstance(value, torch.Tensor)
            else value == theirs[name]
        )
        assert same, name
    assert first.progress["step"] == second.progress["step"]
    assert first.progress["best"] == second.progress["best"]
    assert first.progress["best_epoch"] == second.progress["best_epoch"]


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
    _assert_same(whole.latest, resumed.latest)
    assert [record["epoch"] for record in resumed.history] == [1, 2, 3]
    for before, after in zip(whole.history, resumed.history, strict=True):
        assert before["valid_loss"] == after["valid_loss"]
        assert before["valid_sdr"] == after["valid_sdr"]


def test_a_run_resumed_after_a_whole_epoch_equals_the_undisturbed_one(songs: Path) -> None:
    whole = train(name="whole", data=songs, epochs=3, **TINY)
    train(name="parts", data=songs, epochs=1, **TINY)
    resumed = train("parts", data=songs, epochs=3, resume=True)
    _assert_same(whole.latest, resumed.latest)
    assert whole.best is not None
    assert resumed.best is not None
    for name, weights in read_checkpoint(whole.best).state.items():
        assert torch.equal(weights, read_checkpoint(resumed.best).state[name])


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
