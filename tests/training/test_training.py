"""What a run promises besides: what it validates, what it calls best, when it stops, what it writes."""

import errno
import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from auralflow import evaluate, load_model, train
from auralflow.checkpoints import read_checkpoint
from auralflow.cli import main
from auralflow.errors import OutputError
from auralflow.training import module
from auralflow.training.validation import TrackResult
from tests.training.conftest import STEPS_PER_EPOCH, TINY


def test_the_quick_way_leaves_the_session_layout(songs: Path, own_place: Path) -> None:
    train(
        name="quick",
        base="unet",
        data=songs,
        epochs=1,
        save_every=1,
        **{**TINY, "tensorboard": True},
    )
    files = {str(path.relative_to(own_place)) for path in own_place.rglob("*") if path.is_file()}
    logs = {name for name in files if name.startswith("runs/quick/")}
    assert files - logs == {
        "quick/quick_config.yaml",
        "quick/data_config.yaml",
        "quick/train_config.yaml",
        "quick/checkpoint/quick_latest.pth",
        "quick/checkpoint/quick_best.pth",
        "quick/checkpoint/quick_1.pth",
    }
    assert any("events.out.tfevents" in name for name in logs)


def test_validation_is_the_separation_that_evaluation_measures(songs: Path) -> None:
    run = train(name="model", data=songs, epochs=1, **TINY)
    evaluation = evaluate(run.latest, data=songs, split="valid", metrics="l1_freq,usdr")
    assert list(evaluation.summary.totals["vocals"]) == ["usdr", "l1-freq"]
    expected = evaluation.summary.totals["vocals"]["usdr"].mean
    # The segments are batched differently, which float32 may notice in the last digits.
    assert run.history[-1]["valid_sdr"] == pytest.approx(expected, abs=1e-3)
    record = json.loads((run.folder / "metrics.json").read_text())
    assert record["summary"]["tracks"] == 2


def _validation_losses(values: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tracks an epoch, which both score what the list says for that epoch."""
    calls = iter([value for value in values for _ in range(2)])

    def scored(*_: Any, **__: Any) -> TrackResult:
        value = next(calls)
        return TrackResult(value, (-value,))

    monkeypatch.setattr(module, "validate_track", scored)


def test_best_is_the_epoch_of_the_lowest_validation_loss_and_patience_counts_from_it(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _validation_losses([3.0, 1.0, 2.0, 2.5, 0.5], monkeypatch)
    run = train(name="model", data=songs, epochs=5, patience=2, **TINY)
    assert [record["valid_loss"] for record in run.history] == [3.0, 1.0, 2.0, 2.5]
    assert run.best is not None
    assert read_checkpoint(run.best).progress["best_epoch"] == 2
    assert read_checkpoint(run.best).progress["step"] == 2 * STEPS_PER_EPOCH
    assert run.best_score == 1.0


def test_monitor_sdr_takes_the_highest(songs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _validation_losses([3.0, 1.0, 2.0], monkeypatch)
    run = train(name="model", data=songs, epochs=3, monitor="sdr", **TINY)
    assert run.best_score == -1.0


def test_a_silent_validation_track_is_left_out_of_the_sdr(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = iter([TrackResult(1.0, (None,)), TrackResult(1.0, (4.0,))])
    monkeypatch.setattr(module, "validate_track", lambda *_, **__: next(results))
    run = train(name="model", data=songs, epochs=1, **TINY)
    assert run.history[0]["valid_sdr"] == 4.0


def test_the_time_limit_begins_no_epoch_that_would_end_late(songs: Path) -> None:
    run = train(name="model", data=songs, epochs=5, max_minutes=1e-3, **TINY)
    assert run.epochs == 1
    assert not run.interrupted


def test_one_track_trains_without_validation(songs: Path, tmp_path: Path) -> None:
    root = tmp_path / "single"
    root.mkdir()
    track = next((songs / "train").iterdir())
    (root / track.name).symlink_to(track)
    run = train(name="model", data=root, epochs=2, **TINY)
    assert math.isnan(run.history[0]["valid_loss"])
    assert run.best is not None
    best = min(record["train_loss"] for record in run.history)
    assert run.best_score == pytest.approx(best)


def test_several_targets_and_stereo(songs: Path) -> None:
    run = train(name="model", data=songs, epochs=1, targets="vd", mono=False, **TINY)
    network = load_model(run.latest, cuda=False)
    assert network.targets == ("vocals", "drums")
    assert network(torch.zeros(1, 2, 1000)).shape == (1, 2, 2, 1000)


def test_a_full_disk_leaves_the_checkpoint_of_before(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train(name="model", data=songs, epochs=1, **TINY)
    before = run.latest.read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OutputError, match=r"the disk is full.*from before is still there"):
        train("model", data=songs, epochs=2, resume=True)
    assert run.latest.read_bytes() == before
    assert not list(run.latest.parent.glob(".*"))


def test_ctrl_c_saves_and_says_how_to_go_on(
    songs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.training.test_resuming import _stop_at

    _stop_at(2, monkeypatch)
    flags = [
        word
        for key, value in TINY.items()
        for word in (
            [f"--{'' if value else 'no-'}{key.replace('_', '-')}"]
            if isinstance(value, bool)
            else [f"--{key.replace('_', '-')}", str(value)]
        )
    ]
    with pytest.raises(SystemExit) as left:
        main(["train", "--name", "model", "--data", str(songs), *flags])
    assert left.value.code == 130
    said = capsys.readouterr().out
    assert "everything is saved" in said
    assert "--resume" in said
    assert read_checkpoint(Path("model/checkpoint/model_latest.pth")).progress["step"] == 2
