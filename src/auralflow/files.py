"""Writing a file whole or not at all, whether a place can be written to, and where a cache lies."""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from uuid import uuid4

from auralflow.errors import OutputError

__all__ = ["own_cache", "refuse_unwritable", "write_pieces", "write_whole"]


def own_cache() -> Path:
    """`$AURALFLOW_CACHE`, else `auralflow` under `$XDG_CACHE_HOME` or `~/.cache`."""
    if own := os.environ.get("AURALFLOW_CACHE"):
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "auralflow"


def write_whole(path: Path, content: bytes) -> None:
    """Write to a temporary name in the same folder, to the disk, then rename; missing folders are made.

    Raises `OutputError` if that fails; a file that was there before is then still there.
    """
    write_pieces(path, [content])


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """As `write_whole`, for content that is made while it is written; what its making raises is passed on."""
    temporary = path.with_name(f".{uuid4().hex}.tmp")
    try:
        with _explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            file = temporary.open("xb")
        try:
            for piece in pieces:
                with _explained(path):
                    file.write(piece)
            with _explained(path):
                file.flush()
                os.fsync(file.fileno())
        finally:
            with suppress(OSError):
                file.close()
        with _explained(path):
            temporary.replace(path)
    finally:
        # Where even that fails, the first error is the one to tell.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns what the system says into the package's own error."""
    try:
        yield
    except OSError as error:
        full = error.errno == errno.ENOSPC
        reason = "the disk is full" if full else error.strerror or str(error)
        remedy = "free space" if full else "choose another place"
        raise OutputError(f"{path} cannot be written ({reason}): {remedy}") from error


def refuse_unwritable(folder: Path, *, remedy: str) -> None:
    """Raise `OutputError` unless files can be written into a folder, or it can be made; nothing is left behind.

    The nearest folder that is there is tried by writing, since permissions alone do not tell of read-only disks.
    """
    place = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with TemporaryFile(dir=place) as file:
            file.write(b"\0")
    except OSError as error:
        full = error.errno == errno.ENOSPC
        reason = "the disk is full" if full else error.strerror or str(error)
        what = f"{folder} cannot be written" if place == folder else f"{folder} cannot be made"
        raise OutputError(f"{what} ({place}: {reason}): {remedy}") from error
