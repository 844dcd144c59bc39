"""What a dataset is made of: recordings, grouped into tracks, grouped into splits."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from auralflow.audio import AudioInfo, resampled_length

__all__ = ["RESIDUAL", "Dataset", "Recording", "Skipped", "Track"]

RESIDUAL = "residual"
"""Name of the stem that a track with one stem and a mixture has besides: the mixture minus that stem."""


@dataclass(frozen=True)
class Recording:
    """One stem or mixture as it lies on disk."""

    path: Path
    stream: int | None
    """Audio stream in the container, counted from 0; None for a file that holds one recording."""
    info: AudioInfo


@dataclass(frozen=True)
class Track:
    """One song: its stems and, where there is a file of it, its mixture.

    Rates, channel counts and lengths may differ from recording to recording; what ends early goes on silently.
    """

    name: str
    stems: Mapping[str, Recording]
    mixture: Recording | None

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """The stems in their order, then the mixture."""
        mixture = () if self.mixture is None else (self.mixture,)
        return (*self.stems.values(), *mixture)

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
    """Name of the layout the folder was read as."""
    splits: Mapping[str, tuple[Track, ...]]
    """Tracks in the order of their names; keys are among `train`, `valid` and `test`."""
    skipped: tuple[Skipped, ...] = ()

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks of all splits."""
        return tuple(track for tracks in self.splits.values() for track in tracks)

    @property
    def stem_names(self) -> tuple[str, ...]:
        """Every stem that some track has, in alphabetical order."""
        return tuple(sorted({name for track in self.tracks for name in track.stems}))
