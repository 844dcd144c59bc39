"""The tracks of a rehearsal: all of them where nothing must be decoded, else a few, by which the rest is estimated."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from auralflow.datasets.loading import make_store
from auralflow.datasets.store import Store
from auralflow.datasets.tracks import Track
from auralflow.settings.data import DataSettings
from auralflow.training.data import TrainingTracks, prepare_store

__all__ = ["Sample", "take_sample"]

_FEW = 4


@dataclass(frozen=True)
class Sample:
    """Places of the tracks that are used, and what it will take to prepare all."""

    train: tuple[int, ...]
    valid: tuple[int, ...]
    store: Store
    bytes: int
    """That are still to be decoded."""
    seconds: float
    """That this takes, going by the tracks that were."""
    is_whole: bool


def take_sample(tracks: TrainingTracks, config: DataSettings) -> Sample:
    """Choose tracks, and decode them, which a run would do too.

    Raises `DataError` if one of them cannot be decoded, `OutputError` if what is decoded has no room.
    """
    store = make_store(config)
    work = store.work(entry for track in tracks.train for entry in track.recordings)
    whole = not (work.recordings and store.keeps)
    places = range(len(tracks.train)) if whole else _some(tracks.train)
    chosen = [tracks.train[place] for place in places]
    begun = time.monotonic()
    mine = store.work(entry for track in chosen for entry in track.recordings)
    if not whole:
        prepare_store(chosen, config)
    taken = time.monotonic() - begun
    left = work.recordings - mine.recordings
    shortest = sorted(range(len(tracks.valid)), key=lambda place: tracks.valid[place].seconds)
    return Sample(
        tuple(places),
        tuple(shortest[:1]),
        store,
        work.bytes - mine.bytes if store.keeps else 0,
        0.0 if whole else _scaled(taken, mine.seconds, work.seconds, mine.recordings, left),
        whole,
    )


def _scaled(taken: float, part_seconds: float, all_seconds: float, part: int, left: int) -> float:
    """Seconds for the rest, by the length of the music, or by the number of files where none is decoded."""
    if part_seconds:
        return taken * (all_seconds - part_seconds) / part_seconds
    return taken * left / part if part else 0.0


def _some(tracks: Sequence[Track]) -> list[int]:
    """The shortest tracks, until there are a few and every stem is among them, from every dataset."""
    order = sorted(range(len(tracks)), key=lambda place: tracks[place].seconds)
    chosen: list[int] = []
    seen: set[object] = set()
    for place in order:
        track = tracks[place]
        new: set[object] = {*track.stems, track.source, track.plays_alone}
        if len(chosen) < _FEW or new - seen:
            chosen.append(place)
            seen |= new
    return sorted(chosen)
