"""What is measured: a network, stems that lie in files, or an oracle that knows the truth.

              ╭─ Trained        a checkpoint
Contender ────┼─ Estimates      a folder of stems that something separated
              ╰─ Oracle         a mask or filter made from the true stems, and the mixture itself

A contender is a small description, which another process can be told; `open` does what takes time and memory.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from auralflow.datasets.tracks import Track
from auralflow.separation.tracks import TrackBlock

__all__ = ["Blocks", "Contender"]

Blocks = Callable[[Track], Iterator[TrackBlock]]
"""Mixture, truth and estimate of a track, block by block: what metrics measure and a listening page plays."""


class Contender(Protocol):
    """Something that answers for the stems of a track."""

    @property
    def name(self) -> str:
        """What tables call it; no other of the same evaluation is called so."""

    @property
    def targets(self) -> tuple[str, ...]:
        """The stems it estimates, in the order of its blocks."""

    def identity(self, track: Track) -> object:
        """All that its answer for a track depends on besides the track, as plain values."""

    def open(self) -> Blocks:
        """What separates tracks, ready to use."""
