"""Writing a small file whole or not at all."""

import errno
import os
from pathlib import Path
from uuid import uuid4

from auralflow.errors import OutputError

__all__ = ["write_whole"]


def write_whole(path: Path, content: bytes) -> None:
    """Write to a temporary name in the same folder, to the disk, then rename; missing folders are made.

    Raises `OutputError` if that fails; a file that was there before is then still there.
    """
    temporary = path.with_name(f".{uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        full = error.errno == errno.ENOSPC
        reason = "the disk is full" if full else error.strerror or str(error)
        remedy = "free space" if full else "choose another place"
        raise OutputError(f"{path} cannot be written ({reason}): {remedy}") from error
    finally:
        _remove(temporary)


def _remove(path: Path) -> None:
    """Remove what is left, if anything; where even that fails, the first error is the one to tell."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
