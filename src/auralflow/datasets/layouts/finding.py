"""Which folders of a dataset hold which split, and which layout they follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auralflow.config.layers import did_you_mean
from auralflow.datasets.layouts.candidates import Candidate, Layout, visible
from auralflow.datasets.layouts.catalogue import LAYOUTS
from auralflow.datasets.layouts.folders import FOLDERS, audio_files, track_in
from auralflow.datasets.layouts.manifest import (
    MANIFEST_PICTURE,
    MANIFEST_SUFFIXES,
    read_manifest,
)
from auralflow.datasets.layouts.stem_folders import STEM_FOLDERS, find_stem_folders
from auralflow.datasets.targets import STANDARD_STEMS
from auralflow.errors import DataError

__all__ = ["Found", "find_tracks", "layout_names"]

_SPLIT_NAMES = {
    "train": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "test": "test",
}
_MANIFEST = "manifest"
_SHOWN = 5
_DEEPEST = 4
_MOST_FOLDERS = 500


@dataclass(frozen=True)
class Found:
    """What lies in a folder, before any audio file is opened."""

    layout: str
    splits: Mapping[str, list[Candidate]]


def layout_names() -> tuple[str, ...]:
    """What a layout may be called, `auto` first, which looks for all of them."""
    return ("auto", *(layout.name for layout in LAYOUTS), _MANIFEST)


def find_tracks(root: Path, layout: str = "auto") -> Found:
    """The tracks of a dataset: in `train`, `valid` (also `validation`, `val`) and `test`, or in the root itself.

    The tracks of a root without such folders are all for training. A root that is itself the folder of one track, to
    be told by a mixture or a standard stem in it, is a dataset of that track. A root that is a file is a manifest, and so
    is `manifest.csv` or `manifest.jsonl` in a folder.

    Raises:
        DataError: the folder is missing, no folder, empty, or holds no track, tracks of two layouts, or none of the layout
            asked for; or a folder beside the splits holds tracks too; or a stem is there twice.
    """
    if layout not in layout_names():
        raise DataError(
            f"{layout} is no layout{did_you_mean(layout, layout_names())}: "
            f"choose among {', '.join(layout_names())}"
        )
    if not root.exists():
        raise DataError(f"there is no folder {root}: check the path given as --data")
    manifest = _manifest_at(root)
    if manifest is not None and layout in ("auto", _MANIFEST):
        return Found(_MANIFEST, read_manifest(manifest))
    _require_folder(root, layout)
    layouts = LAYOUTS if layout == "auto" else (_called(layout),)
    folders = _split_folders(root, layouts)
    if folders:
        _require_nothing_beside(root, folders, layouts)
    fitting: dict[str, dict[str, list[Candidate]]] = {}
    for entry in sorted(layouts, key=lambda entry: not entry.is_marked):
        splits = {
            split: tracks
            for split, folder in (folders or {"train": root}).items()
            if (tracks := entry.find(folder))
        }
        if splits:
            fitting[entry.name] = splits
        if splits and entry.is_marked:
            break
    if not fitting:
        return _single_track(root, layouts)
    if len(fitting) > 1:
        counts = " and ".join(
            f"{sum(map(len, splits.values()))} as {_called(name).picture}"
            for name, splits in sorted(fitting.items())
        )
        raise DataError(f"{root} holds tracks in two layouts, {counts}: keep one of them there")
    ((name, splits),) = fitting.items()
    return Found(name, splits)


def _manifest_at(root: Path) -> Path | None:
    if root.is_file():
        return root if root.suffix.lower() in MANIFEST_SUFFIXES else None
    places = (root / f"manifest{suffix}" for suffix in MANIFEST_SUFFIXES)
    return next((place for place in places if place.is_file()), None)


def _require_folder(root: Path, layout: str) -> None:
    if not root.is_dir():
        raise DataError(
            f"{root} is a file, and a folder of tracks is wanted: give the folder that holds the tracks, "
            f"or {MANIFEST_PICTURE}"
        )
    if layout == _MANIFEST:
        raise DataError(
            f"{root} holds no manifest.csv or manifest.jsonl, and the layout manifest is asked for: "
            f"give {MANIFEST_PICTURE}"
        )
    if not any(visible(root)):
        raise DataError(f"{root} is empty, 0 files: put {FOLDERS.picture} in it")


def _called(name: str) -> Layout:
    """A layout by its name. One that is asked for need not be told by its folders' names."""
    layout = next(layout for layout in LAYOUTS if layout.name == name)
    if layout is STEM_FOLDERS:
        return Layout(layout.name, layout.picture, find_stem_folders, is_marked=True)
    return layout


def _split_folders(root: Path, layouts: Sequence[Layout]) -> dict[str, Path]:
    passed_over = _passed_over(layouts)
    folders: dict[str, Path] = {}
    for path in visible(root):
        split = _SPLIT_NAMES.get(path.name.lower())
        if (
            split is None
            or path.name.lower() in passed_over
            or not path.is_dir()
            or audio_files(path)
        ):
            continue
        if split in folders:
            raise DataError(
                f"{root} has two folders for one split, {folders[split].name} and {path.name}: "
                "move their tracks into one"
            )
        folders[split] = path
    return folders


def _require_nothing_beside(
    root: Path, folders: Mapping[str, Path], layouts: Sequence[Layout]
) -> None:
    passed_over = _passed_over(layouts)
    for path in visible(root):
        if path in folders.values() or path.name.lower() in passed_over or not path.is_dir():
            continue
        if any(layout.find(path) for layout in layouts) or audio_files(path):
            names = ", ".join(folder.name for folder in folders.values())
            raise DataError(
                f"{path} holds music beside the splits {names} and would not be used: "
                "move it into one of them, or out of the dataset"
            )


def _passed_over(layouts: Sequence[Layout]) -> frozenset[str]:
    return frozenset(name for layout in layouts for name in layout.passed_over)


def _single_track(root: Path, layouts: Sequence[Layout]) -> Found:
    track = track_in(root) if FOLDERS in layouts else None
    if track is not None and (track.mixture or set(track.stems) & set(STANDARD_STEMS)):
        return Found(FOLDERS.name, {"train": [track]})
    pictures = [layout.picture for layout in layouts]
    if len(layouts) > 1:
        pictures.append(MANIFEST_PICTURE)
    inner = _deeper(root, layouts)
    remedy = f"give {inner}, which does" if inner else "arrange the music like that"
    raise DataError(
        f"{root} holds no track: looked for {' or '.join(pictures)}, there or in train, valid and test, and found "
        f"{_listing(root)}: {remedy}"
    )


def _deeper(root: Path, layouts: Sequence[Layout]) -> Path | None:
    """The first folder below that holds tracks; the search is bounded, since the root may be anything."""
    level, seen = [root], 0
    for _ in range(_DEEPEST):
        level = [path for folder in level for path in visible(folder) if path.is_dir()]
        seen += len(level)
        if seen > _MOST_FOLDERS:
            return None
        for folder in level:
            if any(layout.find(folder) for layout in layouts):
                return folder
    return None


def _listing(root: Path) -> str:
    names = [path.name + "/" * path.is_dir() for path in visible(root)]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
