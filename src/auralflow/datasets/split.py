"""Which tracks are held out for validation and testing."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from auralflow.config.layers import did_you_mean
from auralflow.datasets.tracks import Dataset, Track
from auralflow.errors import DataError

__all__ = ["arrange_splits", "split_tracks"]


def split_tracks(
    tracks: Sequence[Track], share: float
) -> tuple[tuple[Track, ...], tuple[Track, ...]]:
    """Tracks to train on and to validate on, about `share` of them the latter.

    A track's side follows from a hash of its name, so that it stays where it is when others are added or removed.
    With two tracks or more and a share above 0 each side has at least one: the nearest to the other side crosses.
    """
    if share <= 0 or len(tracks) < 2:
        return tuple(tracks), ()
    ranked = sorted(tracks, key=lambda track: (_place(track.name), track.name))
    held_out = sum(_place(track.name) < share for track in ranked)
    held_out = min(max(held_out, 1), len(ranked) - 1)
    names = {track.name for track in ranked[:held_out]}
    return (
        tuple(track for track in tracks if track.name not in names),
        tuple(track for track in tracks if track.name in names),
    )


def _place(name: str) -> float:
    """An even place in [0, 1) that depends on the name alone, however the file system spells its accents."""
    digest = sha256(unicodedata.normalize("NFC", name).encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def arrange_splits(
    dataset: Dataset,
    *,
    share: float = 0.0,
    valid_tracks: Sequence[str] = (),
    test_tracks: Sequence[str] = (),
) -> Dataset:
    """The dataset with the splits `train`, `valid` and `test`, each of them perhaps empty.

    `test_tracks` and `valid_tracks` name tracks that go to those splits, from wherever they are. Where there is then
    no track to validate on, `share` of the training tracks are held out.

    Raises:
        DataError: a name matches no track, or names the same track for validation and for testing.
    """
    wanted = dict.fromkeys(_known(valid_tracks, "valid-tracks", dataset), "valid")
    for name in _known(test_tracks, "test-tracks", dataset):
        if wanted.setdefault(name, "test") != "test":
            raise DataError(f"{name} is in valid-tracks and in test-tracks: keep it in one of them")
    splits: dict[str, list[Track]] = {"train": [], "valid": [], "test": []}
    for split, tracks in dataset.splits.items():
        for track in tracks:
            splits[wanted.get(_normal(track.name), split)].append(track)
    train, valid = tuple(splits["train"]), tuple(splits["valid"])
    if not valid:
        train, valid = split_tracks(train, share)
    return replace(dataset, splits={"train": train, "valid": valid, "test": tuple(splits["test"])})


def _known(names: Sequence[str], key: str, dataset: Dataset) -> list[str]:
    known = {_normal(track.name) for track in dataset.tracks}
    missing = [name for name in names if _normal(name) not in known]
    if missing:
        hint = did_you_mean(missing[0], sorted(known)) if len(missing) == 1 else ""
        raise DataError(
            f"{key} names {', '.join(missing)}, which the dataset does not have{hint}: "
            f"write the name of a track folder, or remove it from {key}"
        )
    return [_normal(name) for name in names]


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)
