"""Which tracks a model is measured on."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from unicodedata import normalize

from auralflow.config.layers import did_you_mean
from auralflow.datasets.config import DataConfig
from auralflow.datasets.tracks import Dataset, Track
from auralflow.errors import ConfigError, DataError

__all__ = ["choose_tracks", "named_tracks", "notes_on", "read_names"]

_SPLITS = ("train", "valid", "test", "all")


def choose_tracks(
    dataset: Dataset,
    config: DataConfig,
    *,
    split: str | None,
    known: Mapping[str, Sequence[str]],
) -> tuple[Track, ...]:
    """The tracks to measure on.

    `known` holds the names of the tracks that training used, under `train` and `valid`. Without a `split` these are
    taken, the first that exist: tracks named in `test-tracks`; the dataset's test folder; tracks that training has
    not used; tracks it was validated on; all.

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
        return chosen
    unused = tuple(track for track in every if track.name not in train | valid)
    candidates = (
        tuple(track for track in every if track.name in config.test_tracks),
        _measurable(dataset.splits.get("test", ())),
        unused,
        tuple(track for track in every if track.name in valid),
        every,
    )
    return next(tracks for tracks in candidates if tracks)


def named_tracks(tracks: Sequence[Track], names: Sequence[str]) -> tuple[Track, ...]:
    """Those of the tracks that are named, in the tracks' own order; a name may be several with commas between them.

    Raises `DataError` for a name that is none of them, and where none is named.
    """
    known = {normalize("NFC", track.name): track for track in tracks}
    wanted: set[str] = set()
    for text in (normalize("NFC", name).strip() for name in names):
        parts = [text] if text in known else [part.strip() for part in text.split(",")]
        for name in filter(None, parts):
            if name not in known:
                raise DataError(
                    f"there is no track {name} among the {len(known)} to choose from{did_you_mean(name, list(known))}: "
                    "name tracks as `auralflow data show` and metrics.txt do, or leave out --tracks"
                )
            wanted.add(name)
    if not wanted:
        raise DataError("tracks names none: give at least one, or leave it out to measure all")
    return tuple(track for name, track in known.items() if name in wanted)


def read_names(path: Path) -> list[str]:
    """The names in a text file, one a line; raise `DataError` if it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path} cannot be read ({getattr(error, 'strerror', None) or error}): "
            "give a text file with the name of a track on each line"
        ) from error
    return [line.strip() for line in text.splitlines() if line.strip()]


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


def notes_on(chosen: Sequence[Track], known: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Sentences on what a reader must know of tracks that training used, which `known` names."""
    train, valid = set(known.get("train", ())), set(known.get("valid", ()))
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
