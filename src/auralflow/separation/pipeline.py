"""Work on threads of its own: reading while the network computes, and writing what it has computed.

The network itself stays on the thread that asked for it, and nothing here computes with torch on another one: OpenMP has
helpers for every thread that once computed, and where they are more than processors, all of them sleep between any two
operations. Eight seconds of Open-Unmix then take 20,000 context switches and twice as long.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

__all__ = ["ahead", "hand_on"]

Item = TypeVar("Item")
_POLL_SECONDS = 0.1


class _End:
    """Behind the last item: nothing more comes, or this error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Iterable[Item], *, depth: int = 2) -> Generator[Item, None, None]:
    """The items in order, of which up to `depth` are made before they are asked for.

    An error of the iterable is raised where its item would have come. When the generator is closed, or ends by an error or
    Ctrl-C where it is used, the thread ends after the item that it is at, and is waited for.
    """
    queue: Queue[Item | _End] = Queue(maxsize=depth)
    stopped = Event()

    def put(item: Item | _End) -> bool:
        while not stopped.is_set():
            try:
                queue.put(item, timeout=_POLL_SECONDS)
            except Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item):
                    return
        except BaseException as error:
            put(_End(error))
        else:
            put(_End())

    thread = Thread(target=work, name="auralflow-ahead", daemon=True)
    thread.start()
    try:
        while True:
            # With a limit, since Ctrl-C does not interrupt a wait without one on every system.
            try:
                item = queue.get(timeout=_POLL_SECONDS)
            except Empty:
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        stopped.set()
        thread.join()


def hand_on(
    items: Iterable[Item], consume: Callable[[Iterator[Item]], None], *, depth: int = 2
) -> None:
    """Call `consume` with the items, on a thread of its own, while the next ones are made here.

    Up to `depth` items wait for it, and none that it has had is kept. Its errors are raised here; where making an item
    fails, or Ctrl-C comes, `consume` finds that error in the place of the item, and is waited for.
    """
    queue: Queue[Item | _End] = Queue(maxsize=depth)
    ended = Event()
    failed: list[BaseException] = []

    def handed() -> Iterator[Item]:
        while not isinstance(item := queue.get(), _End):
            yield item
            del item
        if item.error is not None:
            raise item.error

    def work() -> None:
        try:
            consume(handed())
        except BaseException as error:
            failed.append(error)
        finally:
            ended.set()

    def put(item: Item | _End) -> None:
        while not ended.is_set():
            with suppress(Full):
                queue.put(item, timeout=_POLL_SECONDS)
                return

    thread = Thread(target=work, name="auralflow-behind", daemon=True)
    thread.start()
    try:
        for item in items:
            put(item)
            del item
            if ended.is_set():
                break
    except BaseException as error:
        put(_End(error))
        thread.join()
        raise
    put(_End())
    thread.join()
    if failed:
        raise failed[0]
