"""What a dataset is made of: recordings, grouped into stems, grouped into tracks, grouped into splits."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from auralflow.audio import AudioInfo, resampled_length

__all__ = ["RESIDUAL", "Dataset", "FileState", "RawSamples", "Recording", "Skipped", "Track"]

RESIDUAL = "residual"
"""Name of the stem that a track with one stem and a mixture has besides: the mixture minus that stem."""


class FileState(NamedTuple):
    """What tells one content of a file from another without reading it.

    The time of change goes with it, since it cannot be set as that of modification can: a file replaced by one of equal
    size and time is another.
    """

    size: int
    """In bytes."""
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "FileState":
        """The state that the system reports."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class RawSamples(NamedTuple):
    """Where the samples of a WAV file lie, if numpy has their type."""

    offset: int
    """Bytes before the first sample."""
    dtype: str
    """`<i2`, `<i4` or `<f4`."""


@dataclass(frozen=True)
class Recording:
    """One stem or mixture as it lies on disk, or a part of one."""

    path: Path
    stream: int | None
    """Audio stream in the container, counted from 0; None for a file that holds one recording."""
    info: AudioInfo
    """Of an excerpt, its own length."""
    start: int | None = None
    """First sample of an excerpt, at the file's rate; None for the whole file."""
    state: FileState | None = field(default=None, compare=False)
    """The file's when it was looked into; None where nobody asked."""
    raw: RawSamples | None = field(default=None, compare=False)
    """Where the samples lie, known only together with `state`."""


@dataclass(frozen=True)
class Track:
    """One song: its stems and, where there is a file of it, its mixture.

    Rates, channel counts and lengths may differ from recording to recording; what ends early goes on silently.
    """

    name: str
    stems: Mapping[str, tuple[Recording, ...]]
    """The recordings of each stem, which sound together."""
    mixture: Recording | None
    plays_alone: bool = False
    """Whether its stems never sounded with others: it is only for random mixing, and nothing can be measured on it."""
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Further stems by name, each the sum of some of `stems`."""
    source: int = 0
    """Number of the dataset that it comes from, where several are trained on."""

    def recordings_of(self, name: str) -> tuple[Recording, ...]:
        """What a stem or a sum of stems is made of; nothing where the track lacks it."""
        if name in self.sums:
            return tuple(part for stem in self.sums[name] for part in self.stems.get(stem, ()))
        return self.stems.get(name, ())

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """Those of the stems in their order, then the mixture."""
        mixture = () if self.mixture is None else (self.mixture,)
        return (*(part for parts in self.stems.values() for part in parts), *mixture)

    @property
    def sample_rate(self) -> int:
        """The rate of the first recording, in Hz."""
        return self.recordings[0].info.sample_rate

    @property
    def channels(self) -> int:
        """The greatest channel count among the recordings."""
        return max(recording.info.channels for recording in self.recordings)

    @property
    def samples(self) -> int:
        """The length of the longest recording, in samples at the track's own rate."""
        return self.samples_at(self.sample_rate)

    @property
    def seconds(self) -> float:
        """The length of the longest recording."""
        return max(recording.info.seconds for recording in self.recordings)

    def samples_at(self, sample_rate: int) -> int:
        """The length of the longest recording once all are at `sample_rate`."""
        infos = (recording.info for recording in self.recordings)
        return max(
            resampled_length(info.samples, source=info.sample_rate, wanted=sample_rate)
            for info in infos
        )

    @property
    def has_residual(self) -> bool:
        """Whether the mixture holds more than the stems do: it exists, and there is exactly one stem.

        The rest of the music is then the mixture minus the stem. With two stems or more, their sum is taken to be
        the mixture.
        """
        return self.mixture is not None and len(self.stems) == 1


@dataclass(frozen=True)
class Skipped:
    """A file or folder that was left out, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Dataset:
    """Tracks by split."""

    root: Path
    layout: str
    """Name of the layout the folder was read as; several are joined by `, `."""
    splits: Mapping[str, tuple[Track, ...]]
    """Tracks in the order of their names; keys are among `train`, `valid` and `test`."""
    skipped: tuple[Skipped, ...] = ()
    weights: tuple[float, ...] = (1.0,)
    """For each dataset that this one is made of, its share of the training chunks, in any unit."""

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks of all splits."""
        return tuple(track for tracks in self.splits.values() for track in tracks)

    @property
    def stem_names(self) -> tuple[str, ...]:
        """Every stem that some track has, in alphabetical order: the mixture is their sum."""
        return tuple(sorted({name for track in self.tracks for name in track.stems}))

    @property
    def sums(self) -> Mapping[str, tuple[str, ...]]:
        """Further stems by name, each the sum of some of `stem_names`."""
        found: dict[str, tuple[str, ...]] = {}
        for track in self.tracks:
            for name, parts in track.sums.items():
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *parts)))
        # What is a sum in one dataset may be a stem in another.
        own = self.stem_names
        return {
            name: (name, *parts) if name in own and name not in parts else parts
            for name, parts in found.items()
        }

    @property
    def target_names(self) -> tuple[str, ...]:
        """What can be a target, in alphabetical order: the sums, and the stems that are in none."""
        sums = self.sums
        inner = {part for parts in sums.values() for part in parts}
        return tuple(sorted({*sums, *(name for name in self.stem_names if name not in inner)}))
