"""A real training process, killed at random moments: nothing is lost, and nothing is different in the end."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from auralflow.checkpoints import read_checkpoint
from tests.training.test_logging import series_of, table_of, without_clock

FLAGS = (
    "--sample-rate 8000 --num-fft 256 --window-size 256 --hop-length 128 --chunk-size 0.5 --load-size 480 "
    "--batch-size 2 --init-features 2 --max-layers 2 --workers 0 --no-tensorboard --no-cuda --epochs 12 "
    "--ema 0.9 --schedule.name cosine --random-mix 0.5 --save-minutes 0.0002 --augment.gain.probability 1"
)


def start(songs: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "auralflow", "train", *FLAGS.split(), *more]
    return subprocess.Popen(
        [*command, "--data", str(songs)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def finish(process: subprocess.Popen[bytes]) -> str:
    _, told = process.communicate(timeout=600)
    assert process.returncode == 0, told.decode()
    return told.decode()


def how_to_go_on(folder: Path, latest: Path) -> list[str]:
    if latest.exists():
        return [folder.name, "--resume"]
    return [folder.name, "--force"] if folder.exists() else ["--name", folder.name]


def wait_for_another(latest: Path, process: subprocess.Popen[bytes]) -> None:
    """Until a checkpoint is written after this moment, or the process is over."""
    before = latest.stat().st_mtime_ns if latest.exists() else 0
    while process.poll() is None:
        if latest.exists() and latest.stat().st_mtime_ns != before:
            return
        time.sleep(0.01)


@pytest.mark.slow
def test_a_process_killed_fifty_times_ends_with_the_weights_of_the_undisturbed_one(
    songs: Path, own_place: Path
) -> None:
    finish(start(songs, "--name", "whole"))
    moments = random.Random(0)
    latest = own_place / "parts/checkpoint/parts_latest.pth"
    for kill in range(50):
        process = start(songs, *how_to_go_on(own_place / "parts", latest))
        if kill % 5 == 0:
            time.sleep(moments.uniform(0.2, 4.0))  # while it starts
        else:
            wait_for_another(latest, process)
            time.sleep(moments.uniform(0.0, 0.4))
        process.kill()
        _, told = process.communicate()
        assert process.returncode == -signal.SIGKILL, told.decode()
        # What a kill leaves half-written has a name of its own, and is never taken for a checkpoint.
        if latest.exists():
            assert read_checkpoint(latest).training is not None
    finish(start(songs, *how_to_go_on(own_place / "parts", latest)))
    one, other = (
        read_checkpoint(own_place / f"{name}/checkpoint/{name}_latest.pth")
        for name in ("whole", "parts")
    )
    assert one.progress["step"] == other.progress["step"] == 12 * 240
    for name, weights in one.state.items():
        assert torch.equal(weights, other.state[name]), name
    assert one.training is not None
    assert other.training is not None
    for name, weights in one.training["own_weights"].items():
        assert torch.equal(weights, other.training["own_weights"][name]), name


@pytest.mark.slow
def test_what_a_process_killed_five_times_has_logged_is_what_the_undisturbed_one_has(
    songs: Path, own_place: Path
) -> None:
    flags = "--loggers tensorboard,csv --log-audio-every 2 --log-pictures-every 0 --epochs 5 --save-minutes 0.01"
    logged = flags.split()
    finish(start(songs, "--name", "whole", *logged))
    moments = random.Random(1)
    latest = own_place / "parts/checkpoint/parts_latest.pth"
    for _ in range(5):
        process = start(songs, *how_to_go_on(own_place / "parts", latest), *logged)
        wait_for_another(latest, process)
        time.sleep(moments.uniform(0.0, 2.0))
        process.kill()
        process.communicate()
    finish(start(songs, *how_to_go_on(own_place / "parts", latest), *logged))
    assert series_of("runs/parts") == series_of("runs/whole")
    assert without_clock(table_of("runs/parts")) == without_clock(table_of("runs/whole"))
