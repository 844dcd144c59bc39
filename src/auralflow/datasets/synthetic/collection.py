"""A dataset of composed songs: `<folder>/train` and `<folder>/test`, as large as one likes."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from auralflow.audio import Encoding
from auralflow.datasets.synthetic.compose import STEMS, compose_song, require_possible
from auralflow.datasets.synthetic.names import song_name
from auralflow.datasets.synthetic.recordings import (
    Progress,
    Recording,
    available_workers,
    is_whole,
    require_space,
    write_recordings,
)
from auralflow.errors import DataError, OutputError

__all__ = ["Collection", "divide", "plan_collection"]

_SHARE_OF_FLAC = 0.6
"""Size of flac beside wav, at most; it is a third of it over many songs, and more for loud ones with cymbals."""


@dataclass(frozen=True)
class Collection:
    """What is to be written, and what is there already."""

    folder: Path
    recordings: tuple[Recording, ...]
    """What has to be made."""
    kept: tuple[Path, ...]
    """Folders of what is there, whole."""
    sample_rate: int
    encoding: Encoding

    @property
    def hours(self) -> float:
        """Length of what has to be made."""
        return sum(recording.samples for recording in self.recordings) / self.sample_rate / 3600

    @property
    def bytes(self) -> int:
        """The most that its files may take."""
        share = _SHARE_OF_FLAC if self.encoding.format == "flac" else 1.0
        samples = sum(2 * len(item.stems) * item.samples for item in self.recordings)
        return int(share * samples * self.encoding.bits // 8)

    def write(self, *, workers: int | None = None, progress: Progress | None = None) -> None:
        """Make what has to be made, by `workers` processes or as many as there are cores.

        A song's folder appears when the song is whole. The same songs have the same samples, whatever the number of
        processes.

        Raises `OutputError` if the disk is full, or too small to begin with, or read-only.
        """
        require_space(self.folder, self.bytes)
        write_recordings(
            self.recordings,
            sample_rate=self.sample_rate,
            encoding=self.encoding,
            workers=workers or available_workers(),
            progress=progress,
        )


def plan_collection(
    folder: Path,
    *,
    songs: int,
    seconds: float,
    seed: int = 0,
    test: int = 0,
    sample_rate: int = 44_100,
    format: Literal["wav", "flac"] = "wav",  # noqa: A002  (the key of `Encoding`)
    force: bool = False,
) -> Collection:
    """Songs `seed` to `seed + songs - 1`, of 16 bit: the first `test` of them in `test`, the rest in `train`.

    Each song follows from its number and its length alone, so that more songs are the same ones and others. What is
    there already, of this length, rate and format, is kept, unless `force` is given.

    Raises `DataError` for numbers out of range, and `OutputError` where a folder of a song's name holds something else.
    """
    if songs < 1:
        raise DataError(f"{songs} songs are none: ask for one or more")
    if not 0 <= test <= songs:
        raise DataError(f"{test} of {songs} songs cannot be for testing: ask for 0 to {songs}")
    samples = require_possible(seed, seconds=seconds, sample_rate=sample_rate)
    everything = [
        Recording(
            folder=folder / ("test" if number < test else "train") / song_name(seed + number),
            play=partial(compose_song, seed + number, seconds=seconds, sample_rate=sample_rate),
            samples=samples,
            stems=STEMS,
        )
        for number in range(songs)
    ]
    encoding = Encoding(format, 16)
    return divide(folder, everything, sample_rate=sample_rate, encoding=encoding, force=force)


def divide(
    folder: Path,
    everything: list[Recording],
    *,
    sample_rate: int,
    encoding: Encoding,
    force: bool,
) -> Collection:
    """What is there and what has to be made.

    Raises `OutputError` if something else has the name of a recording and `force` is not given.
    """
    for recording in everything:
        split = recording.folder.parent.name
        other = folder / {"train": "test", "test": "train"}[split] / recording.folder.name
        if other.exists():
            raise OutputError(
                f"{other} exists, so it cannot be in {split} too, or a network would be tested on what it was trained "
                f"on: choose the number of tests as before, or another folder"
            )
    kept: list[Path] = []
    missing: list[Recording] = []
    for recording in everything:
        if force or not recording.folder.exists():
            missing.append(recording)
        elif is_whole(recording, sample_rate=sample_rate, encoding=encoding):
            kept.append(recording.folder)
        else:
            raise OutputError(
                f"{recording.folder} exists and is not the recording asked for (another length, rate or format, or "
                "files of something else): choose another folder, or replace it with --force"
            )
    return Collection(folder, tuple(missing), tuple(kept), sample_rate, encoding)
