"""A trained network, as it is measured."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from auralflow.audio import Backend
from auralflow.checkpoints import read_checkpoint, restore
from auralflow.datasets.tracks import Track
from auralflow.evaluation.contender import Blocks
from auralflow.separation import SeparationOptions
from auralflow.separation.tracks import TrackBlock, separate_track

__all__ = ["Trained", "digest_of"]


@dataclass(frozen=True)
class Trained:
    """A checkpoint; its network runs on the GPU where there is one."""

    name: str
    targets: tuple[str, ...]
    path: Path
    digest: str
    """SHA-256 of the file."""
    options: SeparationOptions
    backend: Backend

    def identity(self, track: Track) -> object:  # noqa: ARG002  (the same for every track)
        """The weights and how they are used; not where they lie."""
        return [self.digest, asdict(self.options), self.backend, _device()]

    def open(self) -> Blocks:
        """The network, loaded."""
        network = restore(read_checkpoint(self.path), source=self.path).to(_device())

        def blocks(track: Track) -> Iterator[TrackBlock]:
            return separate_track(network, track, options=self.options, backend=self.backend)

        return blocks


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"
