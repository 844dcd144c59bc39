"""One folder a stem, recordings anywhere in it: `<stem>/**/<recording>.<any audio suffix>`.

Recordings that never sounded together, such as loops, one singer's takes, or the collections of single instruments. They
are for random mixing only: each is a track of one stem, and there is no mixture to measure on.

The layout is told by its folders' names, of which all that hold music are common stems' and two at least are there. Others
are read by asking for the layout.
"""

import os
from pathlib import Path

from auralflow.audio import AUDIO_SUFFIXES
from auralflow.datasets.layouts.candidates import (
    Candidate,
    Layout,
    Source,
    folders_in,
    tidy_name,
    visible,
)

__all__ = ["COMMON_STEMS", "STEM_FOLDERS", "find_stem_folders"]

COMMON_STEMS = frozenset(
    {
        "accompaniment",
        "acoustic guitar",
        "backing vocals",
        "bass",
        "brass",
        "choir",
        "drums",
        "electric guitar",
        "fx",
        "guitar",
        "guitars",
        "horns",
        "instrumental",
        "keyboards",
        "keys",
        "lead vocals",
        "organ",
        "other",
        "others",
        "percussion",
        "piano",
        "speech",
        "strings",
        "synth",
        "vocal",
        "vocals",
        "voice",
        "wind",
        "woodwinds",
    }
)
"""Names by which a folder is taken for one of a stem."""


def find_stem_folders(folder: Path) -> list[Candidate]:
    """A track for each recording below each folder, whatever the folders are called."""
    tracks = [
        Candidate(
            tidy_name(os.fspath(path.relative_to(folder).with_suffix("")).replace(os.sep, " - ")),
            path,
            {tidy_name(stem.name).lower(): (Source(path),)},
            None,
            plays_alone=True,
        )
        for stem in folders_in(folder)
        for path in _recordings(stem)
    ]
    return sorted(tracks, key=lambda track: track.name)


def _recordings(folder: Path) -> list[Path]:
    found = []
    for path in visible(folder):
        if path.is_dir():
            found += _recordings(path)
        elif path.suffix.lower() in AUDIO_SUFFIXES and path.is_file():
            found.append(path)
    return found


def _find(folder: Path) -> list[Candidate]:
    folders = list(folders_in(folder))
    known = [path for path in folders if _plain(path) in COMMON_STEMS]
    if len(known) < 2 or any(_recordings(path) for path in folders if path not in known):
        return []
    tracks = find_stem_folders(folder)
    # Songs may be called bass and drums, too: then their files are called like stems.
    inside = {_plain(track.path) for track in tracks if track.path.parent in known}
    if inside and inside <= COMMON_STEMS | {"mixture", "mix"}:
        return []
    return tracks


def _plain(path: Path) -> str:
    name = path.stem if path.suffix.lower() in AUDIO_SUFFIXES else path.name
    return tidy_name(name).lower().replace("_", " ").replace("-", " ")


STEM_FOLDERS = Layout("stem-folders", "<stem>/<any recording>.wav", _find, is_marked=True)
