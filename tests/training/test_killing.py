"""A real training process, killed at random moments: nothing is lost, and nothing is different in the end."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from auralflow.checkpoints import read_checkpoint

FLAGS = (
    "--sample-rate 8000 --num-fft 256 --window-size 256 --hop-length 128 --chunk-size 0.5 --load-size 48 "
    "--batch-size 2 --init-features 2 --max-layers 2 --workers 0 --no-tensorboard --no-cuda --epochs 12 "
    "--ema 0.9 --schedule.name cosine --random-mix 0.5 --save-minutes 0.0002 --augment.gain.probability 1"
)


def start(name: str, songs: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "auralflow", "train", *more, "--data", str(songs)]
    return subprocess.Popen(
        [*command, *FLAGS.split()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def finish(process: subprocess.Popen[bytes]) -> str:
    _, told = process.communicate(timeout=600)
    assert process.returncode == 0, told.decode()
    return told.decode()


@pytest.mark.slow
def test_a_process_killed_fifty_times_ends_with_the_weights_of_the_undisturbed_one(
    songs: Path, own_place: Path
) -> None:
    finish(start("whole", songs, "--name", "whole"))
    moments = random.Random(0)
    latest = own_place / "parts/checkpoint/parts_latest.pth"
    kills, is_over = 0, False
    while kills < 50 and not is_over:
        how = ["--name", "parts"] if not latest.exists() else ["parts", "--resume"]
        if not latest.exists() and (own_place / "parts").exists():
            how = ["parts", "--force"]
        process = start("parts", songs, *how)
        try:
            process.wait(timeout=moments.uniform(2.5, 7.0))
            is_over = True
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
        if process.stderr is not None:
            process.stderr.close()
        # What a kill leaves half-written has a name of its own, and is never taken for a checkpoint.
        if latest.exists():
            assert read_checkpoint(latest).training is not None
    assert kills >= 5
    if not is_over:
        finish(start("parts", songs, "parts", "--resume"))
    one, other = (
        read_checkpoint(own_place / f"{name}/checkpoint/{name}_latest.pth")
        for name in ("whole", "parts")
    )
    assert one.progress["step"] == other.progress["step"] == 12 * 24
    for name, weights in one.state.items():
        assert torch.equal(weights, other.state[name]), name
    assert one.training is not None
    assert other.training is not None
    for name, weights in one.training["own_weights"].items():
        assert torch.equal(weights, other.training["own_weights"][name]), name
