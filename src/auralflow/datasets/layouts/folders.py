"""One folder a track, one file a stem: `<track>/<stem>.<any audio suffix>`, with a `mixture` or without.

A stem's name is the file's, in lower case and without its suffix, so that `Vocals.WAV` is `vocals`. `mixture` and
`mix` are the mixture. MUSDB18-HQ lies like this.
"""

from pathlib import Path

from auralflow.audio import AUDIO_SUFFIXES
from auralflow.datasets.layouts.candidates import (
    Candidate,
    Layout,
    Source,
    files_in,
    folders_in,
    tidy_name,
)
from auralflow.datasets.layouts.musdb_stem import is_stem_file
from auralflow.errors import DataError

__all__ = ["FOLDERS", "audio_files", "track_in"]

_MIXTURES = ("mixture", "mix")


def audio_files(folder: Path) -> list[Path]:
    """The files of a folder that could be stems of one track, going by their names."""
    return [
        path
        for path in files_in(folder)
        if path.suffix.lower() in AUDIO_SUFFIXES and not is_stem_file(path)
    ]


def track_in(folder: Path) -> Candidate | None:
    """The track whose stems lie directly in a folder; None where there is no audio file.

    Raises:
        DataError: two files are the same stem.
    """
    found: dict[str, Path] = {}
    for path in audio_files(folder):
        name = tidy_name(path.stem).lower()
        name = "mixture" if name in _MIXTURES else name
        if name in found:
            raise DataError(
                f"{folder} holds {name} twice, as {found[name].name} and {path.name}: keep one of them"
            )
        found[name] = path
    if not found:
        return None
    mixture = found.pop("mixture", None)
    return Candidate(
        tidy_name(folder.resolve().name if folder.name in ("", "..") else folder.name),
        folder,
        {name: (Source(path),) for name, path in sorted(found.items())},
        None if mixture is None else Source(mixture),
    )


def _find(folder: Path) -> list[Candidate]:
    tracks = (track_in(path) for path in folders_in(folder))
    return [track for track in tracks if track is not None]


FOLDERS = Layout("folders", "<track>/<stem>.wav (or flac, mp3, ogg, m4a …)", _find)
