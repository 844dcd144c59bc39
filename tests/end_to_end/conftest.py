"""One small dataset and one small trained model for all tests of this folder."""

import contextlib
import io
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from auralflow.cli import main
from auralflow.datasets.synthetic import write_songs

RATE = 8000
SMALL = (
    f"--sample-rate {RATE} --num-fft 256 --window-size 256 --hop-length 192 --chunk-size 1 --init-features 2 "
    "--max-layers 2 --load-size 8 --batch-size 4 --epochs 1 --workers 0 --no-tensorboard"
).split()
"""Flags of a network and a run that take a second."""

TRACKS = ("plain", "two words", "声 だけ", "a: b [1] #", "x" * 200)


@dataclass(frozen=True)
class World:
    """What the tests start from; it is read only."""

    data: Path
    """A dataset of five tracks of two seconds."""
    session: Path
    """Holds `my voice`, a trained model, and nothing else."""

    @property
    def model(self) -> Path:
        """The trained model."""
        return self.session / "my voice"


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Composed songs under awkward names, and a model trained on them by the command line."""
    folder = tmp_path_factory.mktemp("world")
    songs = write_songs(folder / "songs", songs=[0, 1], seconds=2, sample_rate=RATE)
    data = folder / "data set"
    for number, name in enumerate(TRACKS):
        shutil.copytree(songs[number % 2], data / name)
    session = folder / "a session"
    session.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AURALFLOW_CACHE", str(folder / "cache"))
        patch.chdir(session)
        with contextlib.redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as left:
            main(["train", "--name", "my voice", "--data", str(data), *SMALL])
    assert left.value.code == 0
    return World(data, session)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, with a cache of decoded audio elsewhere."""
    desk = tmp_path / "desk"
    desk.mkdir()
    monkeypatch.setenv("AURALFLOW_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(desk)
    return desk
