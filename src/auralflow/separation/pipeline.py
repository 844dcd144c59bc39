"""Work that is done beforehand, on a thread of its own: reading while the network computes, computing while files are written."""

from collections.abc import Generator, Iterable
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

__all__ = ["ahead"]

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
