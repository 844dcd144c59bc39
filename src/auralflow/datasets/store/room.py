"""Room for what is to be decoded: on the disk, and within the limit the user sets."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from auralflow.errors import OutputError

__all__ = ["make_room"]

_GIGABYTE = 1e9


def make_room(
    folder: Path, needed: int, *, limit: int | None, keep: Callable[[], set[str]]
) -> None:
    """See to it that `needed` bytes can be added; files that were not used for longest go where a limit asks for it.

    `keep` tells the names, without endings, of those that must stay.

    Raises:
        OutputError: the disk has less room, or the limit is too low for what is needed and kept together.
    """
    if limit is not None:
        _keep_within(folder, needed, limit, keep())
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise OutputError(
            f"decoded samples take {needed / _GIGABYTE:.1f} GB and {folder} has room for {free / _GIGABYTE:.1f} GB: "
            "make room there, set AURALFLOW_CACHE to a folder with more, or pass --store off, which is slower and keeps "
            "nothing"
        )


def _keep_within(folder: Path, needed: int, limit: int, keep: set[str]) -> None:
    files = []
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".pcm"):
                path = Path(place, name)
                status = path.stat()
                files.append((max(status.st_mtime, status.st_atime), status.st_size, path))
    kept = sum(size for _, size, path in files if path.stem in keep)
    if needed + kept > limit:
        raise OutputError(
            f"decoded samples of this dataset take {(needed + kept) / _GIGABYTE:.1f} GB and store-limit is "
            f"{limit / _GIGABYTE:.1f} GB: raise it, or pass --store off, which is slower and keeps nothing"
        )
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if total + needed <= limit:
            return
        if path.stem not in keep:
            path.unlink(missing_ok=True)
            total -= size
