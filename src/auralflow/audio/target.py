"""A file being written, as libraries see it that call from C, and why it could not be."""

import errno
import io
import os
from pathlib import Path

from auralflow.errors import OutputError

__all__ = ["Target", "refused"]


class Target:
    """An open file that remembers why a write failed.

    The libraries call from C, where an exception would be printed and lost; so it is kept here until Python is back.
    The file has no buffer of its own, so that nothing but a write can find the disk full.
    """

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self.failure: BaseException | None = None
        self.seek = file.seek
        self.tell = file.tell

    def write(self, data: bytes) -> int:
        """Write all of it, or keep the reason why not and write no more."""
        done = 0
        # A disk that fills up takes a part, and refuses the rest when it is asked again.
        while done < len(data) and self.failure is None:
            try:
                done += self._file.write(data[done:])
            except BaseException as error:
                self.failure = error
        return done

    def complain(self) -> None:
        """Raise what went wrong in C."""
        if self.failure is not None:
            raise self.failure

    def sync(self) -> None:
        """Wait until the disk has it."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


def refused(path: Path, error: OSError) -> OutputError:
    """Why the system did not let a file be written, and what to do about it."""
    remedies = {
        errno.ENOSPC: "free some space or choose another disk",
        errno.EDQUOT: "free some of your quota or choose another disk",
        errno.EROFS: "choose a folder that can be written",
        errno.EACCES: "choose a folder that you may write to",
        errno.EPERM: "choose a folder that you may write to",
        errno.ENOENT: "make the folder first",
        errno.ENOTDIR: "choose a folder, not a file",
        errno.ENAMETOOLONG: "choose a shorter name",
    }
    remedy = remedies.get(error.errno or 0, "choose another place")
    return OutputError(f"{path} cannot be written ({error.strerror or error}): {remedy}")
