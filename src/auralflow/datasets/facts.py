"""What is known of a dataset's files from earlier runs, so that none of them is opened again.

Ten thousand songs are forty thousand files: opening each takes a minute, asking the system whether it changed a second. One
JSON file a dataset lies beside the sample store. It is a convenience: where it cannot be read or written, files are opened.
"""

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any
from uuid import uuid4

from auralflow.audio import AudioInfo
from auralflow.datasets.tracks import FileState, RawSamples

__all__ = ["Fact", "Facts"]

logger = logging.getLogger(__name__)

_FORMAT = 2

Fact = tuple[AudioInfo, RawSamples | None]
"""What a stream of a file is, and where its samples lie if they can be used there."""


class Facts:
    """The streams of a dataset's files by path, kept together with the state each file was in."""

    def __init__(self, folder: Path, root: Path, *, backend: str) -> None:
        """What `folder` has of the dataset at `root`, as `backend` sees it."""
        name = os.fsencode(os.path.abspath(root)) + b"\0" + backend.encode()  # noqa: PTH100  (links stay as they are)
        self._path = folder / f"{hashlib.blake2b(name, digest_size=12).hexdigest()}.json"
        self._files = _read(self._path)
        self._is_changed = False

    def get(self, path: Path, stream: int | None, state: FileState) -> Fact | None:
        """What was found in a file, if it is still in that state."""
        known = self._files.get(os.fspath(path))
        if known is None or known["state"] != list(state):
            return None
        found = known["streams"].get(str(stream))
        if found is None:
            return None
        info, raw = found
        return AudioInfo(*info), RawSamples(*raw) if raw else None

    def add(self, path: Path, stream: int | None, state: FileState, fact: Fact) -> None:
        """Keep what was found in a file."""
        key = os.fspath(path)
        known = self._files.get(key)
        if known is None or known["state"] != list(state):
            known = self._files[key] = {"state": list(state), "streams": {}}
        info, raw = fact
        known["streams"][str(stream)] = [astuple(info), raw]
        self._is_changed = True

    def save(self) -> None:
        """Write what is new, whole or not at all; the last of several processes wins, and loses nothing but time."""
        if not self._is_changed:
            return
        temporary = self._path.with_name(f"{uuid4().hex}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps({"format": _FORMAT, "files": self._files}))
            temporary.replace(self._path)
        except (OSError, ValueError) as error:
            with suppress(OSError):  # where the folder cannot be made, there is nothing to remove
                temporary.unlink(missing_ok=True)
            logger.debug("what was found in the files is not kept (%s)", error)
        self._is_changed = False


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = json.loads(path.read_text())
        if isinstance(content, Mapping) and content.get("format") == _FORMAT:
            files: dict[str, dict[str, Any]] = content["files"]
            return files
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError) as error:
        logger.debug("what was found in the files before cannot be read (%s)", error)
    return {}
