"""What a layout finds in a folder before any file is opened."""

import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from auralflow.errors import DataError

__all__ = ["Candidate", "Layout", "Source", "files_in", "folders_in", "tidy_name", "visible"]


class Source(NamedTuple):
    """Where a recording is to be read from."""

    path: Path
    stream: int | None = None
    start: float | None = None
    """Where an excerpt begins, in seconds; None for the whole file."""
    end: float | None = None
    """Where an excerpt ends, in seconds; None for the file's end."""


@dataclass(frozen=True)
class Candidate:
    """A track, if its files turn out to be audio."""

    name: str
    path: Path
    """The track's folder or file."""
    stems: Mapping[str, tuple[Source, ...]]
    """For each stem the recordings that sound together in it."""
    mixture: Source | None
    plays_alone: bool = False
    """Whether it is a recording of one stem that never sounded with others."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """Those of the stems, then the mixture."""
        mixture = () if self.mixture is None else (self.mixture,)
        return (*(source for parts in self.stems.values() for source in parts), *mixture)


@dataclass(frozen=True)
class Layout:
    """One way in which the tracks of a split lie in its folder."""

    name: str
    picture: str
    """How a message shows the layout."""
    find: Callable[[Path], list[Candidate]]
    """The tracks in a folder, in the order of their names; none where the layout does not fit."""
    is_marked: bool = False
    """Whether files that no other layout has, or names, tell it: then what it finds is not looked at as another."""
    passed_over: frozenset[str] = field(default_factory=frozenset)
    """Folders beside the splits that the layout has and that are not for training."""


def visible(folder: Path) -> Iterator[Path]:
    """What a folder holds, by name, without hidden files and the extras that archives of other systems bring.

    Raises:
        DataError: the folder cannot be listed.
    """
    return (folder / entry.name for entry in _entries(folder))


def folders_in(folder: Path) -> Iterator[Path]:
    """The folders among `visible`; listing tells them, so that the system is not asked once more for each."""
    return (folder / entry.name for entry in _entries(folder) if entry.is_dir())


def files_in(folder: Path) -> Iterator[Path]:
    """The files among `visible`."""
    return (folder / entry.name for entry in _entries(folder) if entry.is_file())


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        raise DataError(
            f"{folder} cannot be listed ({error.strerror}): check its permissions"
        ) from error
    return sorted(
        (entry for entry in found if entry.name != "__MACOSX"), key=lambda entry: entry.name
    )


def tidy_name(name: str) -> str:
    """A name with composed accents, which macOS takes apart, and without blanks at its ends."""
    return unicodedata.normalize("NFC", name).strip()
