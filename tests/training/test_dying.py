"""One of two processes is killed: the other ends within a minute, says why, and the run can be resumed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from auralflow import train
from auralflow.checkpoints import read_checkpoint

FLAGS = (
    "--sample-rate 8000 --num-fft 256 --window-size 256 --hop-length 128 --chunk-size 0.5 --load-size 400 "
    "--batch-size 2 --init-features 2 --max-layers 2 --workers 0 --no-tensorboard --no-cuda --epochs 500 "
    "--num-gpus 2 --save-minutes 0.001"
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="children are looked up in /proc"),
]


@pytest.fixture
def pair(songs: Path, own_place: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A first process that trains, and the number of the second."""
    first = subprocess.Popen(
        [
            *(sys.executable, "-m", "auralflow", "train", "--name", "pair", "--data", str(songs)),
            *FLAGS.split(),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
    latest = own_place / "pair/checkpoint/pair_latest.pth"
    end = time.monotonic() + 120
    while not latest.exists() and first.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
    children = Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text().split()
    yield first, int(children[0])
    with contextlib.suppress(ProcessLookupError):
        os.killpg(first.pid, signal.SIGKILL)


def _is_gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _is_resumed(songs: Path, own_place: Path) -> None:
    latest = own_place / "pair/checkpoint/pair_latest.pth"
    epoch = read_checkpoint(latest).progress["epoch"]
    result = train("pair", data=songs, resume=True, num_gpus=1, epochs=epoch + 1, load_size=4)
    assert result.steps > 0


def test_the_first_says_that_the_second_was_killed(pair, songs, own_place):
    first, second = pair
    os.kill(second, signal.SIGKILL)
    _, told = first.communicate(timeout=60)
    assert first.returncode == 2, told
    assert "Error: process 2 of 2 was ended by SIGKILL, so that the others cannot go on" in told
    assert "Traceback" not in told
    _is_resumed(songs, own_place)


def test_the_second_ends_where_the_first_was_killed(pair, songs, own_place):
    first, second = pair
    os.kill(first.pid, signal.SIGKILL)
    end = time.monotonic() + 60
    while not _is_gone(second) and time.monotonic() < end:
        time.sleep(0.1)
    assert _is_gone(second)
    _, told = first.communicate(timeout=60)
    assert "the first process of this run is gone" in told
    _is_resumed(songs, own_place)


def test_a_process_that_waits_in_a_call_ends_all_the_same(pair):
    first, second = pair
    # Stopped, it answers nothing, and the first waits for its gradients; then it dies.
    os.kill(second, signal.SIGSTOP)
    time.sleep(2)
    os.kill(second, signal.SIGKILL)
    _, told = first.communicate(timeout=60)
    assert first.returncode == 2, told
    assert "was ended by SIGKILL" in told
