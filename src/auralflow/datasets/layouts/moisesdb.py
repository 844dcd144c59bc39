"""MoisesDB: one folder a song with a `data.json`, one folder a stem in it, one file a recording in that.

A stem has as many recordings as there were microphones and takes, which sound together. The stems are those of the
dataset's first level: vocals, bass, drums, guitar, piano, other_keys, bowed_strings, wind, percussion, other_plucked, other.
Write underlines or hyphens for them as you like; the key `stems` joins them to others.

Source: Pereira et al., "MoisesDB: a dataset for source separation beyond 4 stems", ISMIR 2023.
"""

import json
from pathlib import Path
from typing import Any

from auralflow.datasets.layouts.candidates import Candidate, Layout, Source, folders_in, tidy_name
from auralflow.errors import DataError

__all__ = ["MOISESDB"]

_LIST = "data.json"


def _find(folder: Path) -> list[Candidate]:
    lists = [path / _LIST for path in folders_in(folder) if (path / _LIST).is_file()]
    tracks = [_track(path) for path in lists]
    names = [track.name for track in tracks]
    return sorted(
        (track if names.count(track.name) == 1 else _with_folder(track) for track in tracks),
        key=lambda track: track.name,
    )


def _track(path: Path) -> Candidate:
    content = _read(path)
    stems: dict[str, list[Source]] = {}
    for stem in content["stems"]:
        name = tidy_name(str(stem["stemName"])).lower()
        files = [
            path.parent / str(stem["stemName"]) / f"{take['id']}.{take.get('extension', 'wav')}"
            for take in stem["tracks"]
        ]
        stems.setdefault(name, []).extend(Source(file) for file in files)
    artist, song = content.get("artist"), content.get("song")
    name = f"{artist} - {song}" if artist and song else str(song or path.parent.name)
    return Candidate(
        tidy_name(name.replace("/", "-")),
        path.parent,
        {stem: tuple(parts) for stem, parts in sorted(stems.items()) if parts},
        None,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        for stem in content["stems"]:
            str(stem["stemName"])
            [str(take["id"]) for take in stem["tracks"]]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(
            f"{path} is not a list of stems as MoisesDB has it ({type(error).__name__}: {error}): "
            "replace it with the dataset's own, or remove the folder"
        ) from error
    result: dict[str, Any] = content
    return result


def _with_folder(track: Candidate) -> Candidate:
    """Songs of one name are told apart by their folders, whose names are unique."""
    return Candidate(f"{track.name} ({track.path.name})", track.path, track.stems, None)


MOISESDB = Layout(
    "moisesdb", "<track>/data.json with <track>/<stem>/<id>.wav", _find, is_marked=True
)
