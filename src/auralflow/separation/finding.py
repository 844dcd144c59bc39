"""The songs that are meant by files and folders, and where the files of each go."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from auralflow.audio import AUDIO_SUFFIXES
from auralflow.errors import DataError, OutputError

__all__ = ["Song", "find_songs", "song_folders", "songs_of"]

_STEM_MP4 = ".stem.mp4"


@dataclass(frozen=True)
class Song:
    """An audio file, and its place among the songs that are separated together."""

    source: Path
    path: PurePath
    """Of the file, below the folder that was given."""
    place: PurePath
    """The same as a name for its stems: without a suffix, unless another song would then be called the same."""


def songs_of(sources: Sequence[Path], save: Path) -> list[Song]:
    """Every song that is meant, once, in the order in which they were given, those of a folder by name.

    The folder that is given alone is the root of its songs' paths; of several folders each keeps its name.

    Raises `DataError` where there is no song, and `OutputError` for a folder that would hold its own results.
    """
    found: dict[Path, tuple[Path, PurePath]] = {}
    for source in sources:
        folder = PurePath(source.resolve().name if source.is_dir() and len(sources) > 1 else "")
        for song in find_songs(source, save):
            below = song.relative_to(source if source.is_dir() else source.parent)
            found.setdefault(song.resolve(), (song, folder / below))
    paths = [path for _, path in found.values()]
    return [
        Song(source, path, place)
        for (source, path), place in zip(found.values(), song_folders(paths), strict=True)
    ]


def find_songs(source: Path, save: Path) -> list[Path]:
    """The file itself, or every audio file below the folder by name, without hidden ones and those below `save`."""
    if source.is_file():
        return [source]
    if not source.exists():
        raise DataError(f"{source} does not exist: give an audio file or a folder of them")
    if save.resolve() == source.resolve():
        raise OutputError(
            f"{save} is the folder that the songs are read from, so their stems would be taken for songs the next"
            " time: save to another folder"
        )
    songs = sorted(_audio_files(source, save.resolve()))
    if not songs:
        raise DataError(
            f"{source} holds no audio file, at any depth: give a folder with"
            f" {', '.join(sorted(AUDIO_SUFFIXES))} files"
        )
    return songs


def song_folders(songs: Sequence[PurePath]) -> list[PurePath]:
    """For each song, by its path, the path of the folder for its stems; no two are the same, whatever their case."""
    folders = [_without_suffix(song) for song in songs]
    while True:
        uses = Counter(str(folder).casefold() for folder in folders)
        shared = [uses[str(folder).casefold()] > 1 for folder in folders]
        distinct = [
            song if is_shared else folder
            for song, folder, is_shared in zip(songs, folders, shared, strict=True)
        ]
        # Songs that differ in nothing but case keep their full names, which is as distinct as the input is.
        if distinct == folders:
            return folders
        folders = distinct


def _audio_files(source: Path, left_out: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(source):
        folder = Path(place)
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and (folder / name).resolve() != left_out
        ]
        for name in files:
            if not name.startswith(".") and PurePath(name).suffix.lower() in AUDIO_SUFFIXES:
                yield folder / name


def _without_suffix(song: PurePath) -> PurePath:
    if song.name.lower().endswith(_STEM_MP4) and len(song.name) > len(_STEM_MP4):
        return song.with_name(song.name[: -len(_STEM_MP4)])
    return song.with_suffix("")
