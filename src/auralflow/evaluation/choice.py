"""Which tracks a model is measured on."""

from collections.abc import Mapping, Sequence

from auralflow.config.layers import did_you_mean
from auralflow.datasets.config import DataConfig
from auralflow.datasets.tracks import Dataset, Track
from auralflow.errors import ConfigError, DataError

__all__ = ["choose_tracks"]

_SPLITS = ("train", "valid", "test", "all")


def choose_tracks(
    dataset: Dataset,
    config: DataConfig,
    *,
    split: str | None,
    known: Mapping[str, Sequence[str]],
) -> tuple[tuple[Track, ...], tuple[str, ...]]:
    """The tracks to measure on, and sentences on what a reader must know about them.

    `known` holds the names of the tracks that training used, under `train` and `valid`. Without a `split` these are
    taken, the first that exist: tracks named in `test-tracks`; the dataset's test folder; tracks that training has
    not used; tracks it was validated on; all. The last two come with a sentence that says so.

    Raises `ConfigError` for a split of another name and `DataError` for one without tracks.
    """
    train, valid = set(known.get("train", ())), set(known.get("valid", ()))
    every = _measurable(dataset.tracks)
    if not every:
        raise DataError(
            f"{dataset.root} has only recordings that never sounded together, {len(dataset.tracks)} of them, on which "
            "nothing can be measured: give songs with their stems"
        )
    if split is not None:
        if split not in _SPLITS:
            hint = did_you_mean(split, _SPLITS)
            raise ConfigError(f"split is {split}{hint}: choose one of {', '.join(_SPLITS)}")
        chosen = _of_split(dataset, split, config, train, valid)
        if not chosen:
            raise DataError(
                f"{dataset.root} has no tracks in the split {split}: choose another, or --split all"
            )
        return chosen, _notes(chosen, train, valid)
    unused = tuple(track for track in every if track.name not in train | valid)
    candidates = (
        tuple(track for track in every if track.name in config.test_tracks),
        _measurable(dataset.splits.get("test", ())),
        unused,
        tuple(track for track in every if track.name in valid),
        every,
    )
    chosen = next(tracks for tracks in candidates if tracks)
    return chosen, _notes(chosen, train, valid)


def _of_split(
    dataset: Dataset, split: str, config: DataConfig, train: set[str], valid: set[str]
) -> tuple[Track, ...]:
    if split == "all":
        return _measurable(dataset.tracks)
    folder = _measurable(dataset.splits.get(split, ())) if split != "train" else ()
    if folder:
        return folder
    names = {"train": train, "valid": valid, "test": set(config.test_tracks)}[split]
    return tuple(track for track in _measurable(dataset.tracks) if track.name in names)


def _measurable(tracks: Sequence[Track]) -> tuple[Track, ...]:
    return tuple(track for track in tracks if not track.plays_alone)


def _notes(chosen: tuple[Track, ...], train: set[str], valid: set[str]) -> tuple[str, ...]:
    seen = sum(track.name in train for track in chosen)
    judged = sum(track.name in valid for track in chosen)
    notes = []
    if seen:
        notes.append(
            f"{seen} of these tracks have names that the network was trained on: their numbers say little about new music."
        )
    if judged:
        notes.append(
            f"{judged} of these tracks have names that chose the best epoch: their numbers are a little too good."
        )
    return tuple(notes)
