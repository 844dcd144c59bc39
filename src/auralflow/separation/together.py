"""Several songs at the same time, on threads: while one is read or written, the network computes another."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event
from typing import TypeVar

from auralflow.separation.song import Progress

__all__ = ["at_once"]

Item = TypeVar("Item")
Result = TypeVar("Result")
_POLL_SECONDS = 0.2


class _Stopped(Exception):  # noqa: N818 - not an error: another song's was, or somebody pressed Ctrl-C
    """The work is given up where it is."""


def at_once(
    work: Callable[[Item, Progress | None], Result],
    items: Sequence[Item],
    *,
    number: int,
    progress: Progress | None,
) -> Iterator[Result]:
    """The results in order, of which so many are worked on at the same time.

    An error, or Ctrl-C, stops the others at the next block that they report, and is raised when they have ended.
    """
    if number == 1 or len(items) < 2:
        for item in items:
            yield work(item, progress)
        return
    stopped = Event()

    def report(source: Path, done: int, total: int) -> None:
        if stopped.is_set():
            raise _Stopped
        if progress is not None:
            progress(source, done, total)

    with ThreadPoolExecutor(number, thread_name_prefix="auralflow-song") as pool:
        futures = [pool.submit(work, item, report) for item in items]
        try:
            for place, future in enumerate(futures):
                _wait(future, futures[place:])
                yield future.result()
        except BaseException:
            stopped.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _wait(first: "Future[Result]", pending: "Sequence[Future[Result]]") -> None:
    """Until the first is done; an error of any other is raised before."""
    while not first.done():
        # With a limit, since Ctrl-C does not interrupt a wait without one on every system.
        wait([first], timeout=_POLL_SECONDS)
        for future in pending:
            if future.done() and (error := future.exception()) is not None:
                raise error
