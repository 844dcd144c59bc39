"""Everybody who has the page open, and the files that are kept for them until they leave."""

import logging
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from auralflow.app.results import Result
from auralflow.app.songs import Sample
from auralflow.errors import SessionError

__all__ = ["Stopped", "Visit", "Visits"]

_log = logging.getLogger(__name__)


class Stopped(Exception):  # noqa: N818  (nothing went wrong)
    """Somebody stopped the work, or left."""


@dataclass
class Visit:
    """One open page. Of its results the last is kept."""

    folder: Path
    uploads: set[Path] = field(default_factory=set)
    sample: Sample | None = None
    result: Result | None = None
    left: bool = False
    stopping: bool = False

    def go_on(self) -> None:
        """Called now and then by what works for the visit; raises `Stopped` if that should end."""
        if self.left or self.stopping:
            raise Stopped

    def new_folder(self) -> Path:
        """The path of a folder for something new; its name cannot be guessed."""
        return self.folder / uuid4().hex

    def drop_sample(self) -> None:
        """Remove the composed song, if there is one."""
        if self.sample is not None:
            shutil.rmtree(self.sample.mixture.parent, ignore_errors=True)
        self.sample = None

    def keep(self, result: Result) -> None:
        """Make this the visit's result; the one before is removed."""
        self.drop_result()
        self.result = result

    def drop_result(self) -> None:
        """Remove the result, if there is one."""
        if self.result is not None:
            shutil.rmtree(self.result.folder, ignore_errors=True)
        self.result = None


class Visits:
    """All visits, by the name that the page gives each. Several threads may call."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._visits: dict[str, Visit] = {}
        self._gone: set[str] = set()
        self._closed = False
        self._lock = threading.RLock()

    def of(self, name: str) -> Visit:
        """The visit of that name, which begins if it is new.

        Raises `SessionError` for one that has ended: its connection broke, and its files are gone.
        """
        with self._lock:
            if name in self._gone or self._closed:
                raise SessionError(
                    "this page lost its connection, and its files were removed: reload the page"
                )
            return self._visits.setdefault(name, Visit(self._home / uuid4().hex))

    def result(self, token: str) -> Result | None:
        """The result whose folder has that name, while it is kept."""
        with self._lock:
            results = [visit.result for visit in self._visits.values()]
        return next((result for result in results if result and result.folder.name == token), None)

    def leave(self, name: str) -> None:
        """End a visit: what works for it stops, and its files go, but for uploads that another visit has too."""
        with self._lock:
            visit = self._visits.pop(name, None)
            self._gone.add(name)
            if visit is None:
                return
            visit.left = True
            kept = {path for other in self._visits.values() for path in other.uploads}
        self.clear(visit)
        for path in visit.uploads - kept:
            path.unlink(missing_ok=True)
        _log.debug("a visit ended and its files were removed")

    def clear(self, visit: Visit) -> None:
        """Remove the folder of a visit that has ended; work that was under way calls this again at its end."""
        if visit.left:
            shutil.rmtree(visit.folder, ignore_errors=True)

    def close(self) -> None:
        """End all visits, and let none begin."""
        with self._lock:
            self._closed = True
            names = list(self._visits)
        for name in names:
            self.leave(name)
