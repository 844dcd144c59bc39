"""Sending to a server that may be slow or away for a while, beside a training that does not wait for it.

each call ──▶ queue ──▶ thread ──▶ server
                          │ away: again after a pause, in the same order
                          └ refused: told at the next call
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

__all__ = ["Sender"]

log = logging.getLogger(__name__)

_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 60.0
_PATIENCE = 10.0
"""Seconds that a checkpoint, or the end, waits for a server that does not answer."""
_MOST = 256 << 20
"""Bytes of sounds and pictures that are kept for it."""


class Sender:
    """Does jobs one after the other in a thread of its own; one that fails because the server is away is done again."""

    def __init__(self, name: str, is_away: Callable[[Exception], bool]) -> None:
        """`name` is what people call the server; `is_away` is whether an error means that it may answer later."""
        self._name = name
        self._is_away = is_away
        self._jobs: deque[tuple[Callable[[], None], int]] = deque()
        self._kept = 0
        self._refused: Exception | None = None
        self._is_missed = False
        self._is_slow = False
        """Whether a checkpoint has waited in vain; none does again before something has arrived."""
        self._dropped = False
        self._closing = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name=f"to {name}", daemon=True)
        self._thread.start()

    def put(self, job: Callable[[], None], size: int = 0) -> None:
        """A job for later. `size` counts the bytes that it holds, of which only so many are kept while the server is away.

        Raises what an earlier job raised, unless that meant that the server is away.
        """
        with self._changed:
            refused, self._refused = self._refused, None
            if size and self._kept + size > _MOST:
                if not self._dropped:
                    log.warning(
                        "%s is behind; some sounds and pictures will be missing", self._name
                    )
                self._dropped = True
            else:
                self._jobs.append((job, size))
                self._kept += size
                self._changed.notify_all()
        if refused is not None:
            raise refused

    def drain(self) -> None:
        """Wait until everything is sent, but not for long if the server is away.

        Raises as `put` does.
        """
        limit = time.monotonic() + _PATIENCE
        with self._changed:
            while self._jobs and not (self._is_missed or self._is_slow):
                if time.monotonic() >= limit:
                    self._is_slow = True
                    break
                before = len(self._jobs)
                self._changed.wait(_PATIENCE)
                if len(self._jobs) < before:
                    limit = time.monotonic() + _PATIENCE
            refused, self._refused = self._refused, None
        if refused is not None:
            raise refused

    def close(self) -> None:
        """Send what is left as long as that goes on, and end."""
        with self._changed:
            self._changed.notify_all()
            left = len(self._jobs)
            self._closing.set()
        limit = time.monotonic() + _PATIENCE
        while self._thread.is_alive() and time.monotonic() < limit:
            self._thread.join(_FIRST_PAUSE / 10)
            if len(self._jobs) < left:
                left, limit = len(self._jobs), time.monotonic() + _PATIENCE
        with self._changed:
            missing = len(self._jobs)
            self._jobs.clear()
        if missing:
            log.warning(
                "%s does not answer: %d of what was logged is missing there", self._name, missing
            )

    def _work(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            with self._changed:
                while not self._jobs:
                    if self._closing.is_set():
                        return
                    self._changed.wait()
                job, size = self._jobs[0]
            try:
                job()
            except Exception as error:
                if self._is_away(error):
                    self._say_away(error)
                    if self._closing.wait(pause):
                        time.sleep(_FIRST_PAUSE / 2)
                    pause = min(2 * pause, _LONGEST_PAUSE)
                    continue
                with self._changed:
                    self._refused = error
            pause = _FIRST_PAUSE
            with self._changed:
                if self._is_missed:
                    log.info("%s answers again, and gets what it has missed", self._name)
                self._is_missed = self._is_slow = False
                if self._jobs:
                    self._jobs.popleft()
                    self._kept -= size
                self._changed.notify_all()

    def _say_away(self, error: Exception) -> None:
        with self._changed:
            if not self._is_missed:
                first = (str(error).splitlines() or [""])[0]
                log.warning(
                    "%s does not answer (%s: %.200s); training goes on, and it gets what it misses when it answers again",
                    self._name,
                    type(error).__name__,
                    first,
                )
            self._is_missed = True
            self._changed.notify_all()
