"""A few seconds of composed music at 8 kHz, and settings that train on it in moments."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch

from auralflow.datasets.synthetic import write_songs

TINY: dict[str, Any] = {
    "sample_rate": 8000,
    "num_fft": 256,
    "window_size": 256,
    "hop_length": 128,
    "chunk_size": 0.5,
    "load_size": 8,
    "batch_size": 2,
    "init_features": 2,
    "max_layers": 2,
    "workers": 0,
    "tensorboard": False,
    # `make test-gpu` runs these tests on a GPU too.
    "cuda": os.environ.get("AURALFLOW_TEST_CUDA") == "1",
}
STEPS_PER_EPOCH = 4


@pytest.fixture(scope="session")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("songs")
    write_songs(root / "train", songs=range(4), seconds=3, sample_rate=8000)
    write_songs(root / "valid", songs=range(10, 12), seconds=3, sample_rate=8000)
    return root


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in a folder of its own, with a cache of its own, on one thread: sums in one order."""
    place = tmp_path / "session"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("AURALFLOW_CACHE", str(tmp_path / "cache"))
    torch.set_num_threads(1)
    return place
