"""A folder of songs, however deep, to a folder of the same shape with a folder of stems for each."""

import logging
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from auralflow.audio import AUDIO_SUFFIXES, Backend, Encoding
from auralflow.errors import AudioError, DataError, ModelError, OutputError
from auralflow.models.base import Separator
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.bag import Bag
from auralflow.separation.config import Overs
from auralflow.separation.song import FileResult, Progress, separate_file, stem_names
from auralflow.separation.staging import refuse_existing

__all__ = ["Failure", "TreeResult", "find_songs", "separate_tree", "song_folders"]

_log = logging.getLogger(__name__)
_STEM_MP4 = ".stem.mp4"


@dataclass(frozen=True)
class Failure:
    """A song that could not be separated."""

    source: Path
    reason: str


@dataclass(frozen=True)
class TreeResult:
    """What became of every song, in the order of their names."""

    results: tuple[FileResult, ...]
    failures: tuple[Failure, ...]


def separate_tree(
    model: Separator | Bag,
    source: Path,
    save: Path,
    *,
    encoding: Encoding | None = None,
    residual: bool = True,
    overs: Overs = "auto",
    force: bool = False,
    options: SeparationOptions | None = None,
    backend: Backend = "soundfile",
    progress: Progress | None = None,
) -> TreeResult:
    """Separate a song to `<save>/<its name>/`, or every song below a folder to `<save>/<its path from there>/`.

    The names lose their suffix, except those of songs that would then share a folder, as song.wav and song.mp3. What
    lies below `save` is never taken for a song. Before anything is computed, `OutputError` is raised if one of the
    results exists already and `force` is not set. In a folder, a song that cannot be read or separated is left out and
    is a `Failure` in the result; a song given by itself raises its error. Raises `DataError` where there is no song.
    """
    encoding = encoding or Encoding("wav", 32)
    songs = find_songs(source, save)
    base = source if source.is_dir() else source.parent
    folders = song_folders([song.relative_to(base) for song in songs])
    wanted = options.targets if options else ()
    names = stem_names(model, residual=residual, wanted=wanted)
    refuse_existing(
        [save / folder / f"{name}{encoding.suffix}" for folder in folders for name in names],
        force=force,
    )
    results: list[FileResult] = []
    failures: list[Failure] = []
    for song, folder in zip(songs, folders, strict=True):
        try:
            result = separate_file(
                model,
                song,
                save / folder,
                encoding=encoding,
                residual=residual,
                overs=overs,
                force=force,
                options=options,
                backend=backend,
                progress=progress,
            )
        except (AudioError, ModelError) as error:
            if not source.is_dir():
                raise
            _log.warning("%s is left out: %s", song, error)
            failures.append(Failure(song, str(error)))
        else:
            results.append(result)
    return TreeResult(tuple(results), tuple(failures))


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


def _without_suffix(song: PurePath) -> PurePath:
    if song.name.lower().endswith(_STEM_MP4) and len(song.name) > len(_STEM_MP4):
        return song.with_name(song.name[: -len(_STEM_MP4)])
    return song.with_suffix("")
