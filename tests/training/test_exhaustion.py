"""Memory that runs out in training: one sentence, with what fits, and no checkpoint lost."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auralflow import train
from auralflow.checkpoints import read_checkpoint
from auralflow.datasets.batches import StemBatch
from auralflow.errors import TrainingError
from auralflow.training.exhaustion import is_out_of_memory
from auralflow.training.module import SeparationModule
from auralflow.training.trying import doubled_and_halved, halved
from tests.training.conftest import TINY


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (OSError(errno.ENOSPC, "No space left on device"), False),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB."), True),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
            True,
        ),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"), True),
        (RuntimeError("shapes do not match"), False),
        (ValueError("out of memory"), False),
    ],
    ids=str,
)
def test_memory_that_ran_out_is_told_from_other_errors(error, expected):
    assert is_out_of_memory(error) is expected


@pytest.mark.parametrize("largest", [0, 1, 7, 8, 100, 1000])
@pytest.mark.parametrize("start", [1, 8, 64])
def test_the_search_finds_the_largest_size_to_within_an_eighth(largest, start):
    tried: list[int] = []

    def fit(size: int) -> bool:
        tried.append(size)
        return size <= int(largest)

    found = doubled_and_halved(fit, start, limit=1000)
    assert found <= largest <= found + max(1, found // 8) - (found < 8)
    assert len(tried) <= 15
    assert max(tried) <= 1000


def test_sizes_are_halved_down_to_one():
    assert list(halved(12)) == [6, 3, 1]
    assert list(halved(1)) == []


def _room_for(chunks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no more chunks than these fit."""
    original = SeparationModule.training_step

    def step(self, batch, batch_idx):
        held = batch.stems if isinstance(batch, StemBatch) else batch
        if held.shape[0] > chunks:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return original(self, batch, batch_idx)

    monkeypatch.setattr(SeparationModule, "training_step", step)


def test_a_batch_that_does_not_fit_says_which_does(songs, monkeypatch):
    first = train(name="model", data=songs, epochs=1, **TINY)
    before = first.latest.read_bytes()
    _room_for(3, monkeypatch)
    with pytest.raises(TrainingError) as caught:
        train("model", data=songs, resume=True, epochs=2, batch_size=8)
    assert str(caught.value) == (
        "memory ran out in a step with batch-size 8, and one with 2 fits, which was tried just now: pass --batch-size 2 "
        "--accumulate 4, which learns from as many chunks a step; --precision bfloat16 and --recompute-activations make "
        "each chunk smaller"
    )
    assert first.latest.read_bytes() == before


def test_a_chunk_that_does_not_fit_says_so(songs, monkeypatch):
    _room_for(0, monkeypatch)
    with pytest.raises(TrainingError, match=r"not even one chunk of 0\.5 s fits: lower chunk-size"):
        train(name="model", data=songs, epochs=1, **TINY)


def test_memory_that_runs_out_in_validation_does_not_blame_the_batch(songs, monkeypatch):
    def full(self, batch, batch_idx):
        raise MemoryError

    monkeypatch.setattr(SeparationModule, "validation_step", full)
    with pytest.raises(TrainingError, match="while a validation track was separated"):
        train(name="model", data=songs, epochs=1, **TINY)


_LIMITED = """
import resource, sys
import torch, pytorch_lightning
from auralflow.cli import main
import auralflow.training.run
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 600_000_000,) * 2)
main(sys.argv[1:])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the size of a process is read from /proc")
def test_an_allocation_that_really_fails_ends_in_the_sentence(songs: Path, own_place: Path) -> None:
    train(name="model", data=songs, epochs=1, **TINY)
    latest = own_place / "model/checkpoint/model_latest.pth"
    flags = f"--data {songs} --resume --epochs 2 --batch-size 4096 --load-size 4096 --random-mix 1"
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, "train", "model", *flags.split()],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "memory ran out in a step with batch-size 4096, and one with " in done.stderr
    assert read_checkpoint(latest).progress["epoch"] == 1
