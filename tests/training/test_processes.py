"""Two processes that train one network, as `num-gpus: 2` starts them on a machine without a GPU."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from auralflow.checkpoints import read_checkpoint


@pytest.mark.slow
def test_two_processes_train_one_network(songs: Path, own_place: Path) -> None:
    flags = (
        "--sample-rate 8000 --num-fft 256 --window-size 256 --hop-length 128 --chunk-size 0.5 --load-size 8 "
        "--batch-size 2 --init-features 2 --max-layers 2 --workers 0 --no-tensorboard --no-cuda --epochs 2 "
        "--num-gpus 2"
    )
    command = [sys.executable, "-m", "auralflow", "train", "--name", "pair", "--data", str(songs)]
    done = subprocess.run(
        [*command, *flags.split()],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    checkpoint = read_checkpoint(own_place / "pair/checkpoint/pair_latest.pth")
    # 8 chunks an epoch, 2 processes with batches of 2: two steps an epoch.
    assert checkpoint.progress["step"] == 4
    assert checkpoint.progress["epoch"] == 2
    assert done.stdout.count("Epoch 2, step 4") == 1
    assert done.stderr.count("epoch 2/2") == 1


def test_two_processes_learn_what_one_learns_from_twice_the_batch(
    songs: Path, own_place: Path
) -> None:
    """Without norms over the batch, whose statistics are each process's own, and without dropout."""
    flags = (
        "--base demucs --sample-rate 8000 --num-fft 256 --window-size 256 --hop-length 128 --chunk-size 0.3 "
        "--init-features 4 --max-layers 2 --load-size 80 --workers 0 --no-tensorboard --no-cuda --epochs 1 --clip-norm 0.5 "
        "--augment.gain.probability 1 --random-mix 0.5"
    )
    for name, more in (("one", "--batch-size 4"), ("two", "--batch-size 2 --num-gpus 2")):
        done = subprocess.run(
            [
                *(sys.executable, "-m", "auralflow", "train", "--name", name, "--data", str(songs)),
                *flags.split(),
                *more.split(),
            ],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        assert done.returncode == 0, done.stderr
    one, two = (
        read_checkpoint(own_place / f"{name}/checkpoint/{name}_latest.pth")
        for name in ("one", "two")
    )
    assert one.progress["step"] == two.progress["step"] == 20
    for name, weights in one.state.items():
        torch.testing.assert_close(weights, two.state[name], atol=1e-5, rtol=0, msg=name)
