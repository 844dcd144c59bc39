"""Which tracks are held out for validation and testing."""

import unicodedata
from collections.abc import Sequence
from hashlib import sha256

from auralflow.config.layers import did_you_mean
from auralflow.datasets.config import DataConfig
from auralflow.datasets.tracks import Dataset, Track
from auralflow.errors import DataError

__all__ = ["split_dataset", "split_tracks"]


def split_tracks(
    tracks: Sequence[Track], share: float
) -> tuple[tuple[Track, ...], tuple[Track, ...]]:
    """Tracks to train on and to validate on, about `share` of them the latter.

    A track's side follows from a hash of its name, so that it stays where it is when others are added or removed.
    With two tracks or more and a share above 0 each side has at least one: the nearest to the other side crosses.
    Recordings that never sounded with others are trained on, since nothing can be measured on them.
    """
    together = [track for track in tracks if not track.plays_alone]
    if share <= 0 or len(together) < 2:
        return tuple(tracks), ()
    ranked = sorted(together, key=lambda track: (_place(track.name), track.name))
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


def split_dataset(
    dataset: Dataset, config: DataConfig
) -> tuple[tuple[Track, ...], tuple[Track, ...]]:
    """The tracks to train on and those to validate on, either of which may be none.

    Tracks named in `valid-tracks` are validated on and those in `test-tracks` left alone, wherever they lie. Where
    nothing is then there to validate on, neither named nor in a folder, `split` of the training tracks are held out.

    Raises:
        DataError: a name matches no track.
    """
    valid_names = _known(config.valid_tracks, "valid-tracks", dataset)
    named = valid_names | _known(config.test_tracks, "test-tracks", dataset)
    train = tuple(track for track in dataset.splits.get("train", ()) if track.name not in named)
    valid = tuple(track for track in dataset.tracks if track.name in valid_names)
    valid += tuple(track for track in dataset.splits.get("valid", ()) if track.name not in named)
    return (train, valid) if valid else split_tracks(train, config.split)


def _known(names: Sequence[str], key: str, dataset: Dataset) -> set[str]:
    wanted = {unicodedata.normalize("NFC", name) for name in names}
    known = sorted(track.name for track in dataset.tracks)
    missing = sorted(wanted - set(known))
    if missing:
        hint = did_you_mean(missing[0], known) if len(missing) == 1 else ""
        raise DataError(
            f"{key} names {', '.join(missing)}, which the dataset does not have{hint}: "
            f"write tracks as their folder or file is called, or remove them from {key}"
        )
    return wanted
