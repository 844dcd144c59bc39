"""Runs that are asked to end: at any moment, by whom ever, however often, with nothing lost and nothing different after."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
from click.testing import CliRunner

from auralflow import train
from auralflow.checkpoints import read_checkpoint
from auralflow.cli.train import command
from auralflow.datasets.synthetic import write_songs
from auralflow.training import TrainingResult, stopping
from auralflow.training.checkpointing import is_step_to_agree
from auralflow.training.module import SeparationModule
from auralflow.training.quiet import quiet_lightning
from auralflow.training.stopping import StopOnSignal
from tests.training.comparing import assert_same
from tests.training.conftest import STEPS_PER_EPOCH, TINY


def _signal_when_validating(
    monkeypatch: pytest.MonkeyPatch, *, epoch: int, track: int, number: int = signal.SIGTERM
) -> None:
    """A real signal as that track of the validation after that epoch begins, both counted from 0."""
    original = SeparationModule.validation_step

    def signalled(self: Any, batch: Any, batch_idx: int) -> None:
        if (self.current_epoch, batch_idx) == (epoch, track):
            os.kill(os.getpid(), number)
        original(self, batch, batch_idx)

    monkeypatch.setattr(SeparationModule, "validation_step", signalled)


def _assert_same_history(one: Any, other: Any) -> None:
    for before, after in zip(one.history, other.history, strict=True):
        for name in ("epoch", "step", "train_loss", "valid_loss", "valid_sdr"):
            assert before[name] == after[name], name


@pytest.mark.parametrize(
    ("step", "accumulate"),
    [
        (3, 1),
        (1, 2),
        (STEPS_PER_EPOCH, 2),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in ((1, 1), (STEPS_PER_EPOCH, 1), (STEPS_PER_EPOCH + 2, 1), (3, 2))
        ),
    ],
)
def test_sigterm_within_an_epoch_loses_nothing(
    songs: Path, step: int, accumulate: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lightning's own way with it is to end the program, with nothing saved and exit code 0."""
    options = {**TINY, "load_size": STEPS_PER_EPOCH * 2 * accumulate, "accumulate": accumulate}
    whole = train(name="whole", data=songs, epochs=2, **options)
    original = SeparationModule.training_step

    def signalled(self: Any, batch: Any, batch_idx: int) -> Any:
        # With several batches a step, as the first of them begins: it is not to be left half done.
        if self.global_step == step - 1 and batch_idx % accumulate == 0:
            os.kill(os.getpid(), signal.SIGTERM)
        return original(self, batch, batch_idx)

    with monkeypatch.context() as patch:
        patch.setattr(SeparationModule, "training_step", signalled)
        stopped = train(name="parts", data=songs, epochs=2, **options)
    assert stopped.interrupted
    assert stopped.steps == step
    resumed = train("parts", data=songs, epochs=2, resume=True)
    assert not resumed.interrupted
    assert_same(whole.latest, resumed.latest)
    _assert_same_history(whole, resumed)


AVERAGED = {"ema": 0.5, "schedule": {"name": "plateau"}}


@pytest.mark.parametrize(
    ("track", "number", "recipe"),
    [
        (0, signal.SIGINT, {}),
        (1, signal.SIGTERM, AVERAGED),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in (
                (1, signal.SIGTERM, {}),
                (0, signal.SIGTERM, AVERAGED),
                (1, signal.SIGINT, AVERAGED),
            )
        ),
    ],
)
def test_a_validation_that_is_left_is_made_again(
    songs: Path, track: int, number: int, recipe: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(name="whole", data=songs, epochs=3, **TINY, **recipe)
    with monkeypatch.context() as patch:
        _signal_when_validating(patch, epoch=1, track=track, number=number)
        stopped = train(name="parts", data=songs, epochs=3, **TINY, **recipe)
    assert stopped.interrupted
    assert stopped.steps == 2 * STEPS_PER_EPOCH
    saved = read_checkpoint(stopped.latest).progress
    assert (saved["step"], saved["epoch"]) == (2 * STEPS_PER_EPOCH, 1)
    resumed = train("parts", data=songs, epochs=3, resume=True)
    assert_same(whole.latest, resumed.latest)
    _assert_same_history(whole, resumed)
    assert whole.best_score == resumed.best_score


def test_the_same_validation_can_be_left_several_times(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(name="whole", data=songs, epochs=2, ema=0.5, **TINY)
    with monkeypatch.context() as patch:
        _signal_when_validating(patch, epoch=0, track=1)
        train(name="parts", data=songs, epochs=2, ema=0.5, **TINY)
        for _ in range(2):
            again = train("parts", data=songs, epochs=2, resume=True)
            assert (again.interrupted, again.steps) == (True, STEPS_PER_EPOCH)
    resumed = train("parts", data=songs, epochs=2, resume=True)
    assert_same(whole.latest, resumed.latest)
    _assert_same_history(whole, resumed)


def test_an_epoch_that_is_resumed_in_its_validation_keeps_its_pace(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _signal_when_validating(patch, epoch=0, track=1)
        train(name="parts", data=songs, epochs=1, **TINY)
    spent = read_checkpoint(Path("parts/checkpoint/parts_latest.pth")).training
    assert spent is not None
    before = spent["callbacks"]["History"]["spent"]
    assert before["steps"] == STEPS_PER_EPOCH
    (record,) = train("parts", data=songs, epochs=1, resume=True).history
    assert record["training_seconds"] >= before["training_seconds"] > 0.0
    chunks = STEPS_PER_EPOCH * TINY["batch_size"]
    assert record["chunks_per_second"] == pytest.approx(chunks / record["training_seconds"])


def test_a_long_track_is_left_in_its_middle(
    songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the rest of an hour."""
    write_songs(tmp_path / "long/train", songs=range(2), seconds=3, sample_rate=8000)
    write_songs(tmp_path / "long/valid", songs=range(1), seconds=120, sample_rate=8000)
    blocks: list[int] = []
    original = StopOnSignal.leaves_track

    def counted(self: StopOnSignal) -> bool:
        blocks.append(1)
        if len(blocks) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return original(self)

    with monkeypatch.context() as patch:
        patch.setattr(StopOnSignal, "leaves_track", counted)
        assert train(name="stopped", data=tmp_path / "long", epochs=2, **TINY).interrupted
    assert len(blocks) == 2
    assert train("stopped", data=tmp_path / "long", epochs=1, resume=True).epochs == 1


def test_a_run_killed_in_a_validation_goes_on_from_before_it(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(name="whole", data=songs, epochs=2, ema=0.5, **TINY)

    class Killed(BaseException):
        pass

    original = SeparationModule.validation_step

    def killed(self: Any, batch: Any, batch_idx: int) -> None:
        original(self, batch, batch_idx)
        if batch_idx == 1:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(SeparationModule, "validation_step", killed)
        with pytest.raises(Killed):
            # A ten-thousandth of a minute is over after every step, and after every track.
            train(name="parts", data=songs, epochs=2, ema=0.5, save_minutes=1e-4, **TINY)
    latest = Path("parts/checkpoint/parts_latest.pth")
    assert read_checkpoint(latest).progress["step"] == STEPS_PER_EPOCH
    resumed = train("parts", data=songs, epochs=2, resume=True, save_minutes=0.0)
    assert_same(whole.latest, resumed.latest)
    _assert_same_history(whole, resumed)


def test_a_terminal_that_is_closed_costs_nothing_and_nohup_is_heeded(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = StopOnSignal.on_train_batch_end

    def hung_up(self: Any, trainer: Any, *rest: Any) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        original(self, trainer, *rest)

    monkeypatch.setattr(StopOnSignal, "on_train_batch_end", hung_up)
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        stopped = train(name="stopped", data=songs, epochs=1, **TINY)
        assert (stopped.interrupted, stopped.steps) == (True, 1)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        assert not train("stopped", data=songs, epochs=1, resume=True).interrupted
    finally:
        signal.signal(signal.SIGHUP, before)


def test_schedulers_repeat_sigterm_and_what_is_being_saved_is_whole(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = StopOnSignal.on_train_batch_end

    def often(self: Any, trainer: Any, *rest: Any) -> None:
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGTERM)
        original(self, trainer, *rest)

    monkeypatch.setattr(StopOnSignal, "on_train_batch_end", often)
    stopped = train(name="stopped", data=songs, epochs=2, **TINY)
    assert stopped.interrupted
    assert read_checkpoint(stopped.latest).progress["step"] == 1


def test_a_ctrl_c_that_comes_from_terminal_and_launcher_is_one(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "_SAME_PRESS", 60.0)
    original = StopOnSignal.on_train_batch_end

    def twice(self: Any, trainer: Any, *rest: Any) -> None:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
        original(self, trainer, *rest)

    monkeypatch.setattr(StopOnSignal, "on_train_batch_end", twice)
    assert train(name="stopped", data=songs, epochs=2, **TINY).interrupted


FLAGS = (
    "--sample-rate 8000 --num-fft 256 --window-size 256 --hop-length 128 --chunk-size 0.5 --load-size 40 "
    "--batch-size 2 --init-features 2 --max-layers 2 --workers 0 --no-tensorboard --no-cuda"
)


def _start(songs: Path, *words: str, own_group: bool = False) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "auralflow", "train", *words, "--data", str(songs), *FLAGS.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=own_group,
    )


def _wait_for(file: Path, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 120
    while not file.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    assert file.exists(), process.communicate()


@pytest.mark.slow
def test_a_program_that_is_told_to_end_says_how_to_go_on(songs: Path, own_place: Path) -> None:
    process = _start(songs, "--name", "model", "--epochs", "100000")
    _wait_for(own_place / "model/checkpoint/model_latest.pth", process)
    process.send_signal(signal.SIGTERM)
    told, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "everything is saved in" in told
    assert f"Go on with: auralflow train {own_place}/model --data {songs} --resume" in told
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--epochs", "9", "--lr", "1e-4", "--no-pin-mem", "--compile", "-d", "-v"],
        [
            "--targets",
            "my vocals, drums",
            "--loss",
            "{l1: 1.0, si-sdr: 0.1}",
            "--schedule.name=step",
        ],
        ["--all", "--load-config", "a file.yaml", "--load-config", "b.yaml", "--load", "folder"],
    ],
    ids=str,
)
def test_the_line_that_goes_on_has_the_words_that_stand_in_no_file(
    words: list[str], own_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def interrupted(*model: Path, **given: Any) -> TrainingResult:
        asked.append(given | {"model": model})
        return TrainingResult(
            folder=Path("a model"),
            best=None,
            latest=Path("latest.pth"),
            epochs=0,
            steps=3,
            seconds=1.0,
            best_score=None,
            interrupted=True,
            queued_again=False,
            history=[],
            is_first_rank=True,
        )

    monkeypatch.setattr("auralflow.training.train", interrupted)
    result = CliRunner().invoke(command, ["a model", "--data", "one", "--data", "t wo", *words])
    assert result.exit_code == 130
    line = result.output.splitlines()[-1].removeprefix("Go on with: auralflow train ")
    again = CliRunner().invoke(command, shlex.split(line))
    assert again.exit_code == 130
    assert asked[1] == asked[0] | {"resume": True}
    # A new model's folder has all of it.
    new = CliRunner().invoke(command, ["--name", "new", "--data", "one", *words])
    assert new.output.splitlines()[-1] == (
        "Go on with: auralflow train 'a model' --data one --resume"
    )


@pytest.mark.parametrize("accumulate", [1, 2, 3, 10, 20])
def test_ranks_ask_one_another_often_whatever_makes_a_step(accumulate: int) -> None:
    """Every tenth step, and only where one ends. Counting batches, two a step, they never did."""
    with quiet_lightning():
        trainer = pl.Trainer(accumulate_grad_batches=accumulate, logger=False, accelerator="cpu")
    batches = [batch for batch in range(100 * accumulate) if is_step_to_agree(trainer, batch)]
    assert batches == [(10 * step + 1) * accumulate - 1 for step in range(10)]


@pytest.fixture
def one_to_validate(tmp_path: Path) -> Path:
    write_songs(tmp_path / "few/train", songs=range(2), seconds=3, sample_rate=8000)
    write_songs(tmp_path / "few/valid", songs=range(5, 6), seconds=3, sample_rate=8000)
    return tmp_path / "few"


def test_processes_that_are_all_told_to_end_do_so_together(
    one_to_validate: Path, own_place: Path
) -> None:
    """As SLURM and torchrun tell them: each, and while they wait for one another. One of the two has nothing to validate."""
    songs = one_to_validate
    process = _start(
        songs, *("--name", "pair", "--epochs", "1000", "--num-gpus", "2"), own_group=True
    )
    latest = own_place / "pair/checkpoint/pair_latest.pth"
    _wait_for(latest, process)
    os.killpg(process.pid, signal.SIGTERM)
    told, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert told.count("everything is saved in") == 1
    assert f"Go on with: auralflow train {own_place}/pair --data {songs} --resume" in told
    assert "Error" not in errors
    progress = read_checkpoint(latest).progress
    assert progress["scores"]["valid/sdr"] > 0.0
    epoch = progress["epoch"] + 1
    options = {**TINY, "load_size": 40, "batch_size": 4}
    resumed = train("pair", data=songs, resume=True, epochs=epoch, num_gpus=1, **options)
    assert resumed.epochs == epoch


@pytest.mark.slow
def test_ranks_without_a_validation_track_take_part(one_to_validate: Path, own_place: Path) -> None:
    """What two ranks say of one track is what one rank says."""
    scores = []
    for name, words in (("one", ["--batch-size", "4"]), ("two", ["--num-gpus", "2"])):
        process = _start(one_to_validate, "--name", name, "--epochs", "1", "--lr", "1e-12", *words)
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        scores.append(read_checkpoint(own_place / f"{name}/checkpoint/{name}_latest.pth").progress)
    one, two = (progress["scores"]["valid/sdr"] for progress in scores)
    # Norms over the batch have seen batches of four in one run, of two in the other.
    assert one == pytest.approx(two, abs=0.02)
