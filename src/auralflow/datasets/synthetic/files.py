"""Composed songs as folders of stems, as any other dataset."""

import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from auralflow.audio import AUDIO_SUFFIXES, AudioWriter, Encoding
from auralflow.datasets.synthetic.compose import compose_song
from auralflow.datasets.synthetic.names import song_name
from auralflow.errors import OutputError
from auralflow.shapes import Audio

__all__ = ["partial_folder", "write_song", "write_songs"]

_FULL = np.float32(32_768)
_log = logging.getLogger(__name__)


def write_songs(
    folder: Path,
    *,
    songs: Sequence[int],
    seconds: float,
    sample_rate: int = 44_100,
    force: bool = False,
) -> list[Path]:
    """Compose the songs of these seeds into `<folder>/<song>/<stem>.wav` and `mixture.wav`, 16 bit each.

    Returns the songs' folders. A folder appears when its song is complete. With `force` the files of a song that exists
    are replaced, and others beside them stay.

    Raises `OutputError` if a song's folder exists, before anything is composed, or if the disk is full or read-only;
    `DataError` as `compose_song` does.
    """
    targets = [folder / song_name(seed) for seed in songs]
    existing = [target for target in targets if target.exists()]
    if existing and not force:
        raise OutputError(
            f"{existing[0]} exists already: choose another folder, or overwrite it with force"
        )
    for seed, target in zip(songs, targets, strict=True):
        stems = compose_song(seed, seconds=seconds, sample_rate=sample_rate)
        # Rounded to 16 bit before they are summed, so that the files sum to the mixture's file to the last bit.
        stems = {name: np.rint(stem * _FULL) / _FULL for name, stem in stems.items()}
        first, *others = stems.values()
        files = {**stems, "mixture": sum(others, start=first)}
        write_song(target, files, sample_rate=sample_rate, encoding=Encoding())
        _log.debug("composed %s", target.name)
    return targets


def write_song(
    target: Path, files: Mapping[str, Audio], *, sample_rate: int, encoding: Encoding
) -> None:
    """Write a song's files to a hidden folder beside `target`, which then takes that name.

    If `target` exists, its files of the same names are replaced, whatever their format, and a mixture that is not
    among the new files goes too, since it is of other stems.
    """
    partial = partial_folder(target)
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for name, audio in files.items():
            file = partial / f"{name}{encoding.suffix}"
            with AudioWriter(
                file, sample_rate=sample_rate, channels=len(audio), encoding=encoding, force=True
            ) as writer:
                writer.write(audio)
        if target.exists():
            _replace(target, partial)
        else:
            partial.rename(target)
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written ({error.strerror}): "
            "free some space or choose a folder that you may write to"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def partial_folder(target: Path) -> Path:
    """Where a song is until it is complete; what a killed process left there is removed by the next one."""
    return target.with_name(f".{target.name}.partial")


def _replace(target: Path, partial: Path) -> None:
    new = {file.name: file for file in partial.iterdir()}
    names = {file.stem for file in new.values()} | {"mixture"}
    for old in target.iterdir():
        if old.stem in names and old.suffix in AUDIO_SUFFIXES and old.name not in new:
            old.unlink()
    for file in new.values():
        file.replace(target / file.name)
