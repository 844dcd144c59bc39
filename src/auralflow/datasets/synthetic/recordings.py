"""Many recordings written by several processes: whole ones are kept, and a stop leaves whole ones only."""

import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

from auralflow.audio import Encoding, probe
from auralflow.datasets.synthetic.files import partial_folder, write_song
from auralflow.errors import AudioError, OutputError
from auralflow.shapes import Audio

__all__ = [
    "Progress",
    "Recording",
    "available_workers",
    "is_whole",
    "require_space",
    "write_recordings",
]

Progress = Callable[[int, int, str], None]
"""Told how many recordings are done, of how many, and the name of the last one."""

_ROOM = 1.02
"""What the file system takes beside the samples."""


@dataclass(frozen=True)
class Recording:
    """A track to be made."""

    folder: Path
    """Where its stems go."""
    play: Callable[[], dict[str, Audio]]
    """Makes the stems; called in another process, so it can be pickled."""
    samples: int
    """Length of each stem."""
    stems: tuple[str, ...]
    """Names of the stems."""


def available_workers() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def is_whole(recording: Recording, *, sample_rate: int, encoding: Encoding) -> bool:
    """Whether all stems are there already, of this format, rate and length."""
    for name in recording.stems:
        file = recording.folder / f"{name}{encoding.suffix}"
        if not file.is_file():
            return False
        try:
            info = probe(file)
        except AudioError:
            return False
        if (info.sample_rate, info.samples) != (sample_rate, recording.samples):
            return False
    return True


def require_space(folder: Path, needed: int) -> None:
    """Raise `OutputError` unless the disk of a folder, which need not exist yet, has room for so many bytes."""
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    if needed * _ROOM > free:
        raise OutputError(
            f"{folder} has {free / 1e9:.1f} GB of free space and the songs may take {needed / 1e9:.1f} GB: "
            "free some, choose another disk, or ask for fewer or shorter songs, or for flac"
        )


def write_recordings(
    recordings: Sequence[Recording],
    *,
    sample_rate: int,
    encoding: Encoding,
    workers: int,
    progress: Progress | None = None,
) -> None:
    """Make each recording and write it; what lies at its place is replaced.

    On an interruption, or an error in one of them, what is under way is dropped; what was written before stays.

    Raises `OutputError` if the disk is full or read-only or a process was killed, and what `play` raises.
    """
    work = partial(_make, sample_rate=sample_rate, encoding=encoding)
    workers = min(workers, len(recordings))
    done = _in_turn(work, recordings) if workers <= 1 else _in_processes(work, recordings, workers)
    # Closed at once where an interruption falls between two songs: processes would go on behind the error otherwise.
    with closing(done):
        for number, name in enumerate(done, start=1):
            if progress is not None:
                progress(number, len(recordings), name)


def _make(recording: Recording, *, sample_rate: int, encoding: Encoding) -> str:
    stems = recording.play()
    write_song(recording.folder, stems, sample_rate=sample_rate, encoding=encoding)
    return recording.folder.name


def _in_turn(
    work: Callable[[Recording], str], recordings: Sequence[Recording]
) -> Generator[str, None, None]:
    for recording in recordings:
        yield work(recording)


def _in_processes(
    work: Callable[[Recording], str], recordings: Sequence[Recording], workers: int
) -> Generator[str, None, None]:
    """The names of what is done, in any order. New processes, not copies of this one, whose threads would be lost."""
    others: set[BaseProcess] = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_leave_interruptions_to_the_parent,
    )
    try:
        with _interruptions_ignored():
            futures = [pool.submit(work, recording) for recording in recordings]
        for future in as_completed(futures):
            yield future.result()
    except BrokenProcessPool as error:
        raise OutputError(
            f"one of {workers} processes was killed before its song was done: ask for fewer workers or "
            "shorter songs if memory was short, and run this again, which keeps what is there"
        ) from error
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        _end_processes(others)
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        # One that was just starting is seen only now.
        _end_processes(others)
        for recording in recordings:
            shutil.rmtree(partial_folder(recording.folder), ignore_errors=True)


def _end_processes(others: set[BaseProcess]) -> None:
    """End the processes of this one but for some; those that have ended already are waited for."""
    ours = set(multiprocessing.active_children()) - others
    for process in ours:
        process.terminate()
    for process in ours:
        process.join()


@contextmanager
def _interruptions_ignored() -> Iterator[None]:
    """A process that starts meanwhile ignores Ctrl-C from its first moment on, which a terminal sends to all of them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave_interruptions_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
