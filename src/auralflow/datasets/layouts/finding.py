"""Which folders of a dataset hold which split, and which layout they follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from auralflow.datasets.layouts.candidates import Candidate, visible
from auralflow.datasets.layouts.catalogue import LAYOUTS
from auralflow.datasets.layouts.folders import FOLDERS, audio_files, track_in
from auralflow.datasets.targets import STANDARD_STEMS
from auralflow.errors import DataError

__all__ = ["Found", "find_tracks"]

_SPLIT_NAMES = {
    "train": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "test": "test",
}
_SHOWN = 5
_DEEPEST = 4
_MOST_FOLDERS = 500


@dataclass(frozen=True)
class Found:
    """What lies in a folder, before any audio file is opened."""

    layout: str
    splits: Mapping[str, list[Candidate]]


def find_tracks(root: Path) -> Found:
    """The tracks of a dataset: in `train`, `valid` (also `validation`, `val`) and `test`, or in the root itself.

    The tracks of a root without such folders are all for training. A root that is itself the folder of one track, to
    be told by a mixture or a standard stem in it, is a dataset of that track.

    Raises:
        DataError: the folder is missing, no folder, empty, or holds no track or tracks of two layouts; or a folder
            beside the splits holds tracks too; or a stem is there twice.
    """
    _require_folder(root)
    folders = _split_folders(root)
    if folders:
        _require_nothing_beside(root, folders)
    found = {
        layout.name: {
            split: tracks
            for split, folder in (folders or {"train": root}).items()
            if (tracks := layout.find(folder))
        }
        for layout in LAYOUTS
    }
    fitting = {name: splits for name, splits in found.items() if splits}
    if not fitting:
        return _single_track(root)
    if len(fitting) > 1:
        counts = " and ".join(
            f"{sum(map(len, splits.values()))} as {_picture(name)}"
            for name, splits in fitting.items()
        )
        raise DataError(f"{root} holds tracks in two layouts, {counts}: keep one of them there")
    ((name, splits),) = fitting.items()
    return Found(name, splits)


def _require_folder(root: Path) -> None:
    if not root.exists():
        raise DataError(f"there is no folder {root}: check the path given as --data")
    if not root.is_dir():
        raise DataError(
            f"{root} is a file, and a folder of tracks is wanted: give the folder that holds the tracks"
        )
    if not any(visible(root)):
        raise DataError(f"{root} is empty, 0 files: put {_picture(FOLDERS.name)} in it")


def _split_folders(root: Path) -> dict[str, Path]:
    folders: dict[str, Path] = {}
    for path in visible(root):
        split = _SPLIT_NAMES.get(path.name.lower())
        if split is None or not path.is_dir() or audio_files(path):
            continue
        if split in folders:
            raise DataError(
                f"{root} has two folders for one split, {folders[split].name} and {path.name}: "
                "move their tracks into one"
            )
        folders[split] = path
    return folders


def _require_nothing_beside(root: Path, folders: Mapping[str, Path]) -> None:
    for path in visible(root):
        if path in folders.values():
            continue
        beside = path.is_dir() and any(layout.find(path) for layout in LAYOUTS)
        if beside or (path.is_dir() and audio_files(path)):
            names = ", ".join(folder.name for folder in folders.values())
            raise DataError(
                f"{path} holds music beside the splits {names} and would not be used: "
                "move it into one of them, or out of the dataset"
            )


def _single_track(root: Path) -> Found:
    track = track_in(root)
    if track is not None and (track.mixture or set(track.stems) & set(STANDARD_STEMS)):
        return Found(FOLDERS.name, {"train": [track]})
    pictures = " or ".join(layout.picture for layout in LAYOUTS)
    inner = _deeper(root)
    remedy = f"give {inner}, which does" if inner else "arrange the music like that"
    raise DataError(
        f"{root} holds no track: looked for {pictures}, there or in train, valid and test, and found "
        f"{_listing(root)}: {remedy}"
    )


def _deeper(root: Path) -> Path | None:
    """The first folder below that holds tracks; the search is bounded, since the root may be anything."""
    level, seen = [root], 0
    for _ in range(_DEEPEST):
        level = [path for folder in level for path in visible(folder) if path.is_dir()]
        seen += len(level)
        if seen > _MOST_FOLDERS:
            return None
        for folder in level:
            if any(layout.find(folder) for layout in LAYOUTS):
                return folder
    return None


def _listing(root: Path) -> str:
    names = [path.name + "/" * path.is_dir() for path in visible(root)]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _picture(name: str) -> str:
    return next(layout.picture for layout in LAYOUTS if layout.name == name)
