"""What every page finds in its folder: music to train on, and songs to separate."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auralflow.audio import AudioWriter, Encoding, read
from auralflow.datasets.synthetic import write_songs

TINY: dict[str, Any] = {
    "init_features": 4,
    "max_layers": 3,
    "epochs": 1,
    "load_size": 2,
    "batch_size": 2,
    "workers": 0,
    "tensorboard": False,
}
_SECONDS = 4.0


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with `music`, `song.mp3` and `album`; decoded samples are kept out of the user's cache meanwhile."""
    folder = tmp_path_factory.mktemp("shelf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AURALFLOW_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("xdg")))
        write_songs(folder / "music" / "train", songs=range(4), seconds=_SECONDS)
        (test_song,) = write_songs(folder / "music" / "test", songs=[9], seconds=_SECONDS)
        mixture = test_song / "mixture.wav"
        with AudioWriter(
            folder / "song.mp3", sample_rate=44_100, channels=2, encoding=Encoding("mp3")
        ) as writer:
            writer.write(read(mixture))
        for place in ("1/First.wav", "2/First.wav"):
            (folder / "album" / place).parent.mkdir(parents=True)
            shutil.copy(mixture, folder / "album" / place)
        yield folder


@pytest.fixture(scope="session")
def study(shelf: Path) -> Path:
    """A session `study` with a trained model `vocals`, for the pages that say that they have it."""
    import auralflow

    session = auralflow.create_session(shelf.parent / "study")
    folder = auralflow.configure(session, model="unet", name="vocals", **TINY)
    auralflow.train(folder, data=shelf / "music")
    return session


@pytest.fixture
def desk(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own copy of the shelf, which is the current folder and beside which nothing is."""
    folder = tmp_path / "desk"
    shutil.copytree(shelf, folder)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(folder)
    return folder
