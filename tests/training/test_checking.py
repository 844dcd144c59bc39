"""A check before the run: it says what the run will take, changes nothing, and ends with what would stop the run."""

import json
from pathlib import Path
from typing import Any

import pytest

import auralflow
from auralflow import train
from auralflow.errors import ConfigError, OutputError, SessionError, TrainingError
from auralflow.training.checking import child, memory
from auralflow.training.checking import run as checking
from auralflow.training.checking.memory import largest_batch
from tests.cli.program import Program
from tests.training.conftest import TINY as SETTINGS

TINY = {**SETTINGS, "cuda": False}
"""What a GPU's batches take is not reckoned but tried: tests/gpu has that."""
MEGABYTE = 1_000_000
FACTS: dict[str, Any] = {
    "parameters": 567,
    "steps": 4,
    "step_seconds": 0.5,
    "waiting_share": 0.25,
    "warm_up": 2.0,
    "validation_per_second": 0.1,
    "memory": 400 * MEGABYTE,
    "peak": 450 * MEGABYTE,
    "gpu": None,
    "gpu_memory": 0,
    "threads": 2,
    "latest_bytes": 30,
    "best_bytes": 10,
    "log_bytes": 100,
}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """What the processes of a check would say, on a machine with a gigabyte to spare."""
    said: dict[str, dict[str, Any]] = {
        "probe": {"taken": {"1": 310 * MEGABYTE, "2": 320 * MEGABYTE}},
        "rehearse": dict(FACTS),
    }
    monkeypatch.setattr(checking, "ask", lambda job: said[job.kind])
    monkeypatch.setattr(checking, "available_memory", lambda: 1000 * MEGABYTE)
    return said


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "where", ["here", pytest.param("in processes of its own", marks=pytest.mark.slow)]
)
def test_a_real_check_tells_what_a_run_takes_and_changes_nothing(
    songs: Path,
    own_place: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    if where == "here":
        does = {"probe": child._probe, "rehearse": child._rehearse}
        monkeypatch.setattr(checking, "ask", lambda job: does[job.kind](job))
    flags = [
        word
        for key, value in TINY.items()
        if not isinstance(value, bool)
        for word in (f"--{key.replace('_', '-')}", str(value))
    ]
    outcome = Program(capsys)(
        *("check", "--name", "model", "--data", songs, "--json", "--no-cuda", *flags)
    )
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert found["parameters"] == 567
    assert (found["train_tracks"], found["valid_tracks"], found["steps"]) == (4, 2, 4)
    assert found["step_seconds"] > 0
    assert 0 <= found["waiting_share"] < 1
    # Python and torch alone take more than 100 MB; two chunks of half a second take no gigabytes.
    assert 1e8 < found["memory"] < 8e9
    assert list(found["measured"])[:2] == ["1", "2"]
    assert [room["what"] for room in found["rooms"]] == ["checkpoints", "logs"]
    assert all(0 < room["bytes"] < room["free"] for room in found["rooms"])
    assert _files(own_place) == {}


def test_times_are_those_of_a_step_times_the_steps(songs, answers):
    found = auralflow.check(name="model", data=songs, **{**TINY, "tensorboard": True})
    assert found.epoch_seconds == 4 * 0.5
    # Two tracks of three seconds, a tenth of a second for each second.
    assert found.validation_seconds == pytest.approx(0.6)
    assert found.run_seconds == pytest.approx(100 * 2.6)
    assert found.memory == 450 * MEGABYTE
    # 10 MB a chunk; nine tenths of the memory are handed out: (900 - 400) / 10 more than the two there are.
    assert largest_batch(
        found.measured, batch_size=2, total=400 * MEGABYTE, available=1000 * MEGABYTE
    ) == 52  # fmt: skip
    # An epoch has no more than 8 chunks.
    assert found.largest_batch == 8
    rooms = {room.what: room.bytes for room in found.rooms}
    # Three of the latest at once; the best, and the one it replaces.
    assert rooms["checkpoints"] == 3 * 30 + 2 * 10
    assert rooms["logs"] == 100 * 100 + 3 * 400 // 10 * 64


def test_a_batch_that_small_ones_say_will_not_fit_is_not_tried(songs, answers):
    del answers["rehearse"]
    with pytest.raises(
        TrainingError, match=r"batch-size 200 needs about 2\.3 GB, going by batches of 1, 2, and 1\.0 GB are .*about 60 fit"
    ):  # fmt: skip
        auralflow.check(name="model", data=songs, **{**TINY, "batch_size": 200})


def test_what_train_refuses_is_refused(songs, answers):
    train(name="model", data=songs, epochs=1, **TINY)
    with pytest.raises(SessionError, match="is trained already"):
        auralflow.check("model", data=songs)
    assert auralflow.check("model", data=songs, resume=True, epochs=3).epochs == 2
    assert auralflow.check("model", data=songs, force=True, epochs=3).epochs == 3
    with pytest.raises(TrainingError, match="nothing left to train"):
        auralflow.check("model", data=songs, resume=True, epochs=1)
    with pytest.raises(ConfigError, match="log-tracks has nobody"):
        auralflow.check(name="other", data=songs, log_tracks=["nobody"], **TINY)


def test_a_disk_that_is_too_small_is_an_error_below_the_table(songs, answers, capsys, monkeypatch):
    answers["rehearse"]["latest_bytes"] = 10**15
    outcome = Program(capsys)("check", "--name", "model", "--data", songs)
    assert outcome.code == 2
    assert "largest batch" in outcome.out
    assert "Error: checkpoints take 3000000.0 GB in " in outcome.err


@pytest.mark.slow
def test_the_error_of_the_trying_process_is_this_one_s(songs):
    options = {**TINY, "freeze": "wings.*"}
    with pytest.raises(auralflow.AuralflowError, match=r"freeze has wings\.\*, which matches no"):
        auralflow.check(name="model", data=songs, **options)


@pytest.mark.parametrize("key", ["runs", "checkpoint"])
def test_a_file_in_the_place_of_a_folder_is_told_at_the_start(songs, own_place, key, answers):
    place = own_place / "runs" if key == "runs" else own_place / "model" / "checkpoint"
    place.parent.mkdir(exist_ok=True)
    place.write_text("no folder")
    options = {**TINY, "tensorboard": True}
    for function in (train, auralflow.check):
        with pytest.raises(OutputError, match=rf"{key}.*: Not a directory\): .*--"):
            function(name="model", data=songs, **options)
    assert place.read_text() == "no folder"


def test_the_steepest_step_gives_the_largest_batch():
    taken = {1: 100, 2: 150, 4: 170}
    # 70 / 3 a chunk: (0.9 · 1000 - 200) · 3 / 70 more than 8. From 1 to 4, since single steps are rough.
    assert largest_batch(taken, batch_size=8, total=200, available=1000) == 38
    assert largest_batch({1: 100, 2: 110, 4: 160}, batch_size=4, total=200, available=1000) == 39
    assert largest_batch(taken, batch_size=8, total=2000, available=1000) == 0
    assert largest_batch({1: 100, 2: 100}, batch_size=8, total=200, available=1000) is None


def test_the_tightest_control_group_bounds_what_is_available(tmp_path):
    (tmp_path / "job/step").mkdir(parents=True)
    for folder, limit, used in (("job", "1000", "300"), ("job/step", "max", "200")):
        (tmp_path / folder / "memory.max").write_text(f"{limit}\n")
        (tmp_path / folder / "memory.current").write_text(f"{used}\n")
    (tmp_path / "job/memory.stat").write_text("anon 200\ninactive_file 50\n")
    own = tmp_path / "cgroup"
    own.write_text("0::/job/step\n")
    assert memory._of_groups(tmp_path, own) == [750]
    own.write_text("5:cpu,memory:/job\n")
    (tmp_path / "memory/job").mkdir(parents=True)
    (tmp_path / "memory/job/memory.limit_in_bytes").write_text("500\n")
    (tmp_path / "memory/job/memory.usage_in_bytes").write_text("100\n")
    assert memory._of_groups(tmp_path, own) == [400]
