"""Work on recordings, shared out among threads and among processes that have the same to do."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from filelock import FileLock, Timeout

from auralflow.datasets.tracks import Recording
from auralflow.errors import AudioError

__all__ = ["do_shared"]

_PAUSE_SECONDS = 0.1


def do_shared(
    recordings: Sequence[Recording],
    do: Callable[[Recording], None],
    *,
    is_done: Callable[[Recording], bool],
    lock: Callable[[Recording], Path],
    workers: int,
    progress: Callable[[int, int], object] | None,
) -> dict[Recording, AudioError]:
    """Do something to every recording once, in whichever process comes to it first.

    What another process is doing at the moment is put off, and left to it if it has been done by then. A process that is
    killed gives its locks back, and another takes over.

    Returns:
        The recordings that failed, with their errors.
    """

    def attempt(recording: Recording) -> bool:
        """Whether it is done now, by whomever; False where another process is at it."""
        try:
            place = lock(recording)
        except OSError:
            do(recording)  # the file is gone, which it will say
            return True
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(place, timeout=0):
                try:
                    if not is_done(recording):
                        do(recording)
                finally:
                    # Whoever opened it meanwhile finds the work done, or does it again.
                    place.unlink(missing_ok=True)
        except Timeout:
            return False
        return True

    waiting = deque(recordings)
    failures: dict[Recording, AudioError] = {}
    done = 0
    pool = ThreadPoolExecutor(max_workers=max(1, workers), thread_name_prefix="decode")
    running: dict[Future[bool], Recording] = {}
    try:
        while waiting or running:
            while waiting and len(running) < max(1, workers):
                recording = waiting.popleft()
                running[pool.submit(attempt, recording)] = recording
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            are_busy = True
            for job in finished:
                recording = running.pop(job)
                try:
                    is_ours = job.result()
                except AudioError as error:
                    failures[recording] = error
                    is_ours = True
                if not is_ours:
                    waiting.append(recording)
                    continue
                are_busy = False
                done += 1
                if progress is not None:
                    progress(done, len(recordings))
            if are_busy:
                time.sleep(_PAUSE_SECONDS)
    finally:
        pool.shutdown(cancel_futures=True)
    return failures
