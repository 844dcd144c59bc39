"""One file a track, one audio stream a stem: `<track>.stem.mp4`, as MUSDB18 is distributed.

Source of the order of the streams: Rafii et al., "The MUSDB18 corpus for music separation", 2017.
"""

from pathlib import Path

from auralflow.datasets.layouts.candidates import Candidate, Layout, Source, tidy_name, visible

__all__ = ["MUSDB_STEM", "is_stem_file"]

_SUFFIX = ".stem.mp4"
_STREAMS = ("mixture", "drums", "bass", "other", "vocals")


def is_stem_file(path: Path) -> bool:
    """Whether a file's name says that it holds the streams of a whole track."""
    return path.name.lower().endswith(_SUFFIX)


def _candidate(path: Path) -> Candidate:
    stems = {name: (Source(path, stream),) for stream, name in enumerate(_STREAMS) if stream}
    return Candidate(tidy_name(path.name[: -len(_SUFFIX)]), path, stems, Source(path, 0))


def _find(folder: Path) -> list[Candidate]:
    return [_candidate(path) for path in visible(folder) if is_stem_file(path) and path.is_file()]


MUSDB_STEM = Layout("musdb-stem", f"<track>{_SUFFIX}", _find)
