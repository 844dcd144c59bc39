"""Where decoded samples are kept, and under which names."""

import hashlib
import os
from pathlib import Path

from auralflow.audio import Backend
from auralflow.datasets.tracks import FileState, Recording
from auralflow.errors import OutputError
from auralflow.files import own_cache

__all__ = ["cache_folder", "cache_name", "facts_folder", "place_of", "unwritable"]

# Part of every name: what an older version wrote in another way is not found, rather than misread.
_FORMAT = 3


def cache_folder() -> Path:
    """`samples` in `$AURALFLOW_CACHE`, else in `auralflow` under `$XDG_CACHE_HOME` or `~/.cache`."""
    return own_cache() / "samples"


def facts_folder() -> Path:
    """`datasets` beside `cache_folder()`: what is known of the files of each dataset."""
    return own_cache() / "datasets"


def cache_name(recording: Recording, *, sample_rate: int, backend: Backend) -> tuple[str, str]:
    """The folder within the cache and the name, without an ending, of what is kept of a recording.

    The name has three parts: one for the place of the recording and how it is decoded, the rate, and one for the state
    that the file is in: its size and times, so a file that was replaced has another name. Names that share the first two
    parts are then of no more use. The folder spreads the files, since every look for older ones lists it.

    Raises:
        OSError: the recording's file is gone.
    """
    state = FileState.of(recording.path.stat()) if recording.state is None else recording.state
    place = place_of(recording, backend=backend)
    return place[:2], f"{place}-{sample_rate}-{_digest(tuple(state))}"


def place_of(recording: Recording, *, backend: Backend) -> str:
    """The first part of the names of what is kept of a recording, at any rate and in any state."""
    excerpt = () if recording.start is None else (recording.start, recording.info.samples)
    path = os.path.abspath(recording.path)  # noqa: PTH100  (looking through links would ask the system ten times)
    return _digest((_FORMAT, path, recording.stream, backend, excerpt))


def unwritable(folder: Path, error: OSError) -> OutputError:
    """What to say where the cache cannot be written."""
    return OutputError(
        f"decoded samples cannot be kept in {folder} ({error.strerror or error}): make room there, set AURALFLOW_CACHE "
        "to a folder with room that can be written, or pass --store off, which is slower and keeps nothing"
    )


def _digest(parts: tuple[object, ...]) -> str:
    # surrogateescape: a file name may be any bytes.
    text = repr(parts).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=12).hexdigest()
