"""What is told of an epoch, on a terminal and elsewhere."""

import math
import re
import time
from pathlib import Path
from typing import Any

import pytest

from auralflow import train
from auralflow.datasets.chunks import ChunkDataset
from auralflow.training.telling import clock_time, epoch_facts, packed
from tests.training.conftest import TINY

RECORD = {
    "epoch": 7,
    "train_loss": 0.0213,
    "valid_loss": 0.0241,
    "valid_sdr": 4.31,
    "valid_sdr_drums": 5.5,
    "valid_sdr_vocals": math.nan,
    "chunks_per_second": 61.3,
    "training_seconds": 100.0,
    "waiting_seconds": 3.0,
    "seconds": 134.0,
}


def test_an_epoch_is_told_with_the_sdr_of_each_target_speed_waiting_and_time_left() -> None:
    assert epoch_facts([RECORD], epochs=100, best_epoch=7) == [
        *("loss 0.0213", "validation 0.0241", "SDR +4.31 dB", "drums +5.50", "vocals –"),
        *("best so far", "61.3 chunks/s", "3% waiting", "2:14", "at most 3:27:42 left"),
    ]
    assert epoch_facts([RECORD], epochs=7, best_epoch=7)[-1] == "2:14"


@pytest.mark.parametrize("width", [80, 120])
def test_lines_keep_within_the_terminal_and_no_fact_is_split(width: int) -> None:
    facts = epoch_facts([RECORD], epochs=100, best_epoch=3)
    lines = packed("epoch 7/100  ", facts, width=width).splitlines()
    assert len(lines) > 1
    assert all(len(line) <= width for line in lines)
    assert [fact for line in lines for fact in re.split(r" {2,}", line) if fact] == [
        "epoch 7/100",
        *facts,
    ]
    assert packed("epoch 7/100  ", facts, width=None).count("\n") == 0


def test_times_are_told_with_hours_only_where_there_are_any() -> None:
    assert [clock_time(seconds) for seconds in (0, 59.6, 3599, 3600)] == [
        *("0:00", "1:00", "59:59", "1:00:00"),
    ]


def test_without_a_terminal_there_is_a_line_for_each_epoch_and_no_control_code(
    songs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    train(name="net", data=songs, epochs=2, targets="vd", **TINY)
    lines = capfd.readouterr().err.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["epoch", "1/2"], ["epoch", "2/2"]]
    assert all("drums" in line and "% waiting" in line for line in lines[1:])
    assert all(line.isprintable() for line in lines)


def test_waiting_for_data_is_measured(songs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = train(name="plain", data=songs, epochs=1, **TINY).history[0]
    way = "read" if TINY["cuda"] else "stems"
    read_chunks = getattr(ChunkDataset, way)

    def slow(self: Any, keys: Any, **how: Any) -> Any:
        time.sleep(0.2)
        return read_chunks(self, keys, **how)

    monkeypatch.setattr(ChunkDataset, way, slow)
    record = train(name="slow", data=songs, epochs=1, **TINY).history[0]
    # Four batches.
    assert record["waiting_seconds"] >= 0.8
    assert plain["waiting_seconds"] < plain["training_seconds"] < plain["seconds"]
