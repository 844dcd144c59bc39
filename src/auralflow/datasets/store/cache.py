"""Where decoded samples are kept, and under which names."""

import hashlib
import os
from pathlib import Path

from auralflow.audio import Backend
from auralflow.datasets.tracks import Recording
from auralflow.errors import OutputError

__all__ = ["cache_folder", "cache_name", "unwritable"]

# Part of every name: what an older version wrote in another way is not found, rather than misread.
_FORMAT = 1


def cache_folder() -> Path:
    """`samples` in `$AURALFLOW_CACHE`, else in `auralflow` under `$XDG_CACHE_HOME` or `~/.cache`."""
    if own := os.environ.get("AURALFLOW_CACHE"):
        return Path(own).expanduser() / "samples"
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "auralflow" / "samples"


def cache_name(recording: Recording, *, sample_rate: int, backend: Backend) -> tuple[str, str]:
    """Two halves of a name: one for the place of the recording and how it is decoded, one for the state it is in.

    The state is the file's size and time of modification, so a file that was replaced has another name. Files that
    share the first half with it are then of no more use.

    Raises:
        OSError: the recording's file is gone.
    """
    status = recording.path.stat()
    place = (
        _FORMAT,
        os.fspath(recording.path.resolve()),
        recording.stream,
        sample_rate,
        backend,
    )
    return _digest(place), _digest((status.st_size, status.st_mtime_ns))


def unwritable(folder: Path, error: OSError) -> OutputError:
    """What to say where the cache cannot be written."""
    return OutputError(
        f"decoded samples cannot be kept in {folder} ({error.strerror or error}): "
        "make room there, or set AURALFLOW_CACHE to a folder with room that can be written"
    )


def _digest(parts: tuple[object, ...]) -> str:
    # surrogateescape: a file name may be any bytes.
    text = repr(parts).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=12).hexdigest()
