"""The whole path on composed songs: nothing to download, nothing to prepare.

    compose songs ─▶ train ─▶ evaluate on songs never heard ─▶ separate one ─▶ draw it

Everything random follows from fixed seeds, so two runs on one machine give the same network.
"""

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auralflow.audio import read
from auralflow.checkpoints import load_model
from auralflow.datasets.synthetic import write_songs
from auralflow.errors import SessionError
from auralflow.evaluation import Evaluation, evaluate
from auralflow.report import plot_history, plot_separation
from auralflow.separation import FileResult, separate_file
from auralflow.session import ModelFolder, configure, create_session
from auralflow.training import TrainingResult, train

__all__ = ["DemoResult", "run_demo"]

log = logging.getLogger(__name__)

_SECONDS = 12.0
_SONGS = {"train": range(24), "valid": range(100, 104), "test": range(200, 206)}
_SETTINGS: dict[str, Any] = {
    # A small network that a CPU trains in minutes; a shorter hop than the default's follows consonants.
    "max_layers": 5,
    "init_features": 8,
    "hop_length": 512,
    "chunk_size": 2.0,
    "load_size": 256,
    "epochs": 12,
    "workers": 0,
    "random_mix": 0.5,
    "augment": {"gain": {"probability": 1.0, "low_db": -3.0, "high_db": 3.0}},
    "max_minutes": 3.5,
}


@dataclass(frozen=True)
class DemoResult:
    """What the demo made."""

    folder: Path
    training: TrainingResult
    evaluation: Evaluation
    song: FileResult
    mixture: Path
    pictures: tuple[Path, ...]


def run_demo(
    folder: str | Path = "auralflow-demo", *, force: bool = False, **parameters: Any
) -> DemoResult:
    """Compose songs, train a network for vocals, measure it on songs it never heard, separate one of them.

    Everything goes to `folder`, which is a session: `songs/`, the model `vocals/`, `separated/` and `pictures/`.
    `parameters` replace the demo's own settings, in snake_case. `force` replaces an earlier demo.

    Raises `SessionError` if the folder has something in it and `force` is not given, and `KeyboardInterrupt` if
    training was stopped.
    """
    home = Path(folder).expanduser().absolute()
    if home.exists() and (not home.is_dir() or any(home.iterdir())) and not force:
        raise SessionError(
            f"{home} exists already: pass --force to make the demo anew, or choose another folder with --folder"
        )
    create_session(home)
    model = ModelFolder(home / "vocals")
    for stale in (home / "separated", model.path, model.runs):
        shutil.rmtree(stale, ignore_errors=True)
    songs = home / "songs"
    for split, seeds in _SONGS.items():
        log.info("Composing %d songs of %g s for songs/%s …", len(seeds), _SECONDS, split)
        write_songs(songs / split, songs=list(seeds), seconds=_SECONDS, force=force)

    configure(home, model="unet", name="vocals", **{**_SETTINGS, **parameters})
    training = train(model.path, data=songs)
    if training.interrupted:
        raise KeyboardInterrupt
    log.info("Measuring on %d songs that the network never heard …", len(_SONGS["test"]))
    evaluation = evaluate(model.path, data=songs)

    network = load_model(model.path)
    track = min((songs / "test").iterdir())
    mixture = track / "mixture.wav"
    song = separate_file(network, mixture, home / "separated" / track.name)
    pictures = (home / "pictures" / "separation.png", home / "pictures" / "training.png")
    plot_separation(
        pictures[0],
        mixture=read(mixture),
        estimate=read(song.files["vocals"]),
        truth=read(track / "vocals.wav"),
        sample_rate=network.signal.sample_rate,
        title=track.name,
        target="vocals",
    )
    plot_history(pictures[1], training.history)
    return DemoResult(home, training, evaluation, song, mixture, pictures)
