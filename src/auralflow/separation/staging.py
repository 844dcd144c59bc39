"""Several files that appear together or not at all."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from auralflow.errors import OutputError

__all__ = ["refuse_existing", "staged"]


def refuse_existing(files: Sequence[Path], *, force: bool) -> None:
    """Raise `OutputError` with the first of the files that exists and their number, unless they may be replaced."""
    existing = [file for file in files if os.path.lexists(file)]
    folders = [file for file in existing if file.is_dir()]
    if folders:
        raise OutputError(
            f"{folders[0]} is a folder where a file is to be written: remove it or choose another"
            " folder"
        )
    if existing and not force:
        more = f" and {len(existing) - 1} more" if len(existing) > 1 else ""
        raise OutputError(
            f"{existing[0]} exists already{more}: pass --force to write over it, or choose another folder"
        )


@contextmanager
def staged(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """A scratch folder inside `folder`; if the block ends well, its files of the given names are moved up.

    A name may be a path, whose folders are made.

    If it does not, be it by an error or by Ctrl-C, even in the middle of the moving, `folder` is as it was before:
    replaced files are back, and folders that had to be made are gone. Other scratch files are removed either way.
    Raises `OutputError` if the folder cannot be made or written to.
    """
    places = {folder, *((folder / name).parent for name in names)}
    missing = {path for place in places for path in (place, *place.parents) if not path.exists()}
    scratch = folder / f".auralflow-{uuid4().hex[:12]}"
    try:
        try:
            scratch.mkdir(parents=True)
        except OSError as error:
            raise OutputError(
                f"{folder} cannot be written to ({error.strerror}): choose another folder"
            ) from error
        try:
            yield scratch
        except OutputError as error:
            # The user knows the file by the place it was to have.
            raise OutputError(str(error).replace(f"{os.sep}{scratch.name}", "")) from error
        _publish(scratch, folder, names)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        for path in sorted(missing, key=lambda path: -len(path.parts)):
            _remove_if_empty(path)
        raise
    shutil.rmtree(scratch, ignore_errors=True)


def _publish(scratch: Path, folder: Path, names: Sequence[str]) -> None:
    replaced = scratch / ".replaced"
    try:
        for name in names:
            (replaced / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if (folder / name).exists():
                (folder / name).rename(replaced / name)
            (scratch / name).rename(folder / name)
    except BaseException as error:
        for name in names:
            if (replaced / name).exists():
                (replaced / name).replace(folder / name)
            elif not (scratch / name).exists():
                (folder / name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OutputError(
                f"{folder} cannot be written to ({error.strerror}): choose another folder"
            ) from error
        raise


def _remove_if_empty(path: Path) -> None:
    try:
        path.rmdir()
    except OSError:
        # Not empty, or never made: either way there is nothing to take back.
        return
