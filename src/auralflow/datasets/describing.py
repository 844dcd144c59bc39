"""A plain answer to "what did you find?"."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from auralflow.datasets.tracks import Dataset, Recording, Track

__all__ = ["Description", "SplitFacts", "StemFacts", "describe"]

_SHOWN = 5


@dataclass(frozen=True)
class SplitFacts:
    """One of train, valid and test."""

    tracks: int
    seconds: float


@dataclass(frozen=True)
class StemFacts:
    """One stem over all tracks."""

    tracks: int
    """That have it."""
    recordings: int
    seconds: float
    """Of its longest recording in each track, summed."""
    rates: Mapping[int, int]
    """Recordings by sample rate, in Hz."""
    channels: Mapping[int, int]
    """Recordings by channel count."""
    formats: Mapping[str, int]
    """Recordings by the ending of the file's name."""


@dataclass(frozen=True)
class Description:
    """What a dataset holds, as far as the headers of its files tell."""

    root: str
    layout: str
    splits: Mapping[str, SplitFacts]
    stems: Mapping[str, StemFacts]
    mixtures: int
    """Tracks with a mixture of their own."""
    sums: Mapping[str, tuple[str, ...]]
    """Targets that are sums of stems."""
    alone: int
    """Tracks that are recordings which never sounded with others."""
    problems: tuple[str, ...]
    """Sentences on what cannot be used, or may not be as it was meant."""

    @property
    def tracks(self) -> int:
        """In all splits."""
        return sum(split.tracks for split in self.splits.values())

    @property
    def seconds(self) -> float:
        """Of all tracks, not of all recordings."""
        return sum(split.seconds for split in self.splits.values())

    def as_plain(self) -> dict[str, Any]:
        """All of it as JSON can hold it."""
        return {**asdict(self), "tracks": self.tracks, "seconds": self.seconds}


def describe(dataset: Dataset) -> Description:
    """Count what a dataset holds; nothing is decoded."""
    tracks = dataset.tracks
    return Description(
        root=str(dataset.root),
        layout=dataset.layout,
        splits={
            name: SplitFacts(len(split), sum(track.seconds for track in split))
            for name in ("train", "valid", "test")
            if (split := dataset.splits.get(name))
        },
        stems={name: _stem(name, tracks) for name in dataset.stem_names},
        mixtures=sum(track.mixture is not None for track in tracks),
        sums=dict(dataset.sums),
        alone=sum(track.plays_alone for track in tracks),
        problems=tuple(_problems(dataset)),
    )


def _stem(name: str, tracks: Iterable[Track]) -> StemFacts:
    having = [track for track in tracks if name in track.stems]
    parts = [part for track in having for part in track.stems[name]]
    return StemFacts(
        tracks=len(having),
        recordings=len(parts),
        seconds=sum(max(part.info.seconds for part in track.stems[name]) for track in having),
        rates=_counted(part.info.sample_rate for part in parts),
        channels=_counted(part.info.channels for part in parts),
        formats=_counted(_format(part) for part in parts),
    )


def _counted(values: Iterable[Any]) -> dict[Any, int]:
    return dict(Counter(values).most_common())


def _format(recording: Recording) -> str:
    name = recording.path.name.lower()
    return "stem.mp4" if name.endswith(".stem.mp4") else recording.path.suffix.lower()[1:]


def _problems(dataset: Dataset) -> Iterable[str]:
    yield from (entry.reason for entry in dataset.skipped)
    tracks = [track for track in dataset.tracks if not track.plays_alone]
    for name in dataset.stem_names:
        lacking = [track.name for track in tracks if name not in track.stems]
        if lacking and len(lacking) < len(tracks):
            yield f"{_tracks(lacking)} without {name}, which is silence there: {_some(lacking)}"
    rates = Counter(track.sample_rate for track in dataset.tracks)
    if len(rates) > 1:
        usual = rates.most_common(1)[0][0]
        others = [track.name for track in dataset.tracks if track.sample_rate != usual]
        yield f"{_tracks(others)} at another rate than {usual} Hz, which are resampled: {_some(others)}"
    mixed = [
        track.name for track in tracks if len({p.info.sample_rate for p in track.recordings}) > 1
    ]
    if mixed:
        yield f"{_tracks(mixed)} with recordings of several rates, which are resampled: {_some(mixed)}"
    uneven = [track.name for track in tracks if _is_uneven(track)]
    if uneven:
        yield f"{_tracks(uneven)} with recordings of unequal length, which end in silence: {_some(uneven)}"
    single = [track.name for track in tracks if len(track.stems) == 1 and track.mixture is None]
    if single:
        yield f"{_tracks(single)} with one stem and no mixture, for random mixing only: {_some(single)}"


def _is_uneven(track: Track) -> bool:
    lengths = [recording.info.seconds for recording in track.recordings]
    return max(lengths) - min(lengths) > 0.1


def _tracks(names: list[str]) -> str:
    return f"{len(names)} tracks" if len(names) > 1 else "1 track"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
