"""Songs of a second or two at 8 kHz, and an untrained network that separates them in moments."""

from pathlib import Path

import pytest
import torch

from auralflow.checkpoints import Checkpoint, build_network, write_checkpoint
from auralflow.config import Layer
from auralflow.datasets.synthetic import write_songs
from auralflow.settings import read_settings

RATE = 8000


@pytest.fixture(scope="session")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tracks for testing."""
    root = tmp_path_factory.mktemp("songs")
    write_songs(root / "test", songs=range(3), seconds=2, sample_rate=RATE)
    return root


def make_model(folder: Path, *, seed: int = 0, targets: tuple[str, ...] = ("vocals",)) -> Path:
    """A model folder with a checkpoint of random weights."""
    keys = {
        "sample-rate": RATE,
        "num-fft": 256,
        "window-size": 256,
        "hop-length": 128,
        "init-features": 2,
        "max-layers": 2,
        "targets": list(targets),
    }
    settings = read_settings([Layer("", keys)])
    torch.manual_seed(seed)
    network = build_network(settings, targets)
    progress = {"epoch": 3, "best_epoch": 2, "scores": {"valid/loss": 0.25, "valid/sdr": 4.5}}
    checkpoint = Checkpoint(settings, targets, network.state_dict(), progress)
    write_checkpoint(folder / "checkpoint" / f"{folder.name}_best.pth", checkpoint)
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model folder called `net` in a session of its own."""
    return make_model(tmp_path / "study" / "net")


@pytest.fixture(autouse=True)
def _one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums in one order, and results of no folder's own in the test's."""
    torch.set_num_threads(1)
    monkeypatch.chdir(tmp_path)
