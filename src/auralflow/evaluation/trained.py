"""A trained network, or a bag of them, as it is measured."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from auralflow.audio import Backend
from auralflow.checkpoints import read_checkpoint, restore
from auralflow.datasets.tracks import Track
from auralflow.evaluation.contender import Blocks
from auralflow.models.base import Separator
from auralflow.separation import Bag, Member, SeparationOptions
from auralflow.separation.tracks import TrackBlock, separate_track

__all__ = ["Trained", "Weights", "digest_of"]


@dataclass(frozen=True)
class Weights:
    """A checkpoint, and what its network counts for each target where it is one of several."""

    path: Path
    digest: str
    """SHA-256 of the file."""
    by_target: Mapping[str, float]
    """As those of a `Member`."""


@dataclass(frozen=True)
class Trained:
    """Checkpoints, of which several answer together."""

    name: str
    targets: tuple[str, ...]
    weights: tuple[Weights, ...]
    options: SeparationOptions
    backend: Backend
    cuda: bool
    """Whether their networks run on the GPU where there is one."""

    def identity(self, track: Track) -> object:  # noqa: ARG002  (the same for every track)
        """The weights and how they are used; not where they lie."""
        weights = [[part.digest, dict(part.by_target)] for part in self.weights]
        return [weights, asdict(self.options), self.backend, self._device]

    def open(self) -> Blocks:
        """The networks, loaded."""
        members = [Member(self._network(part.path), part.by_target) for part in self.weights]
        alone = len(members) == 1 and not members[0].weights
        network = members[0].network if alone else Bag(members)

        def blocks(track: Track) -> Iterator[TrackBlock]:
            return separate_track(network, track, options=self.options, backend=self.backend)

        return blocks

    @property
    def _device(self) -> str:
        return "cuda" if self.cuda and torch.cuda.is_available() else "cpu"

    def _network(self, path: Path) -> Separator:
        return restore(read_checkpoint(path), source=path).to(self._device)


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
