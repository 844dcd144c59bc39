"""Sessions with untrained networks, for the page to offer."""

from pathlib import Path

import numpy as np

from auralflow.audio import AudioWriter, Encoding
from auralflow.checkpoints import write_checkpoint
from auralflow.session import create_session
from auralflow.session.folder import ModelFolder
from tests.checkpoints.weights import small_checkpoint

RATE = 8000


def session_at(folder: Path, models: dict[str, tuple[str, ...]]) -> Path:
    """A session with a small network for each name and its targets."""
    session = create_session(folder)
    for name, targets in models.items():
        weights(ModelFolder(session / name), targets)
    return session


def weights(model: ModelFolder, targets: tuple[str, ...] = ("vocals",)) -> Path:
    """The file of a model's best weights, written anew."""
    path = model.checkpoint / f"{model.name}_best.pth"
    write_checkpoint(path, small_checkpoint(targets=targets))
    return path


def noise(path: Path, *, seconds: float = 1.0, channels: int = 2) -> Path:
    """A song of noise in a file of floats."""
    samples = 0.1 * np.random.default_rng(5).standard_normal((channels, round(seconds * RATE)))
    with AudioWriter(path, sample_rate=RATE, channels=channels, encoding=Encoding("wav", 32)) as writer:  # fmt: skip
        writer.write(samples.astype(np.float32))
    return path
