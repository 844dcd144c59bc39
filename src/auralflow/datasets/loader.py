"""Batches that threads load ahead, in the order in which they are asked for."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Generic, TypeVar

from auralflow.datasets.sampler import ChunkSampler

__all__ = ["ChunkLoader"]

Batch = TypeVar("Batch")


class ChunkLoader(Generic[Batch]):
    """The batches of an epoch, as often as it is gone through.

    Reading, decoding and converting run without Python's lock, so that threads do what processes are used for
    elsewhere; and nothing has to be sent from one to the other.
    """

    def __init__(
        self,
        load: Callable[..., Batch],
        sampler: ChunkSampler,
        *,
        workers: int = 0,
        room: Callable[[int], object] | None = None,
    ) -> None:
        """Give what `load` makes of each batch of `sampler`'s keys.

        Args:
            load: called by several threads at once. What it raises is raised when that batch is asked for.
            sampler: which chunks, and how many make a batch. Lightning tells it the epoch.
            workers: threads that load, up to one batch more than they are ahead of the one that is asked for; without
                any, who asks loads.
            room: makes the memory for a batch of so many chunks, which `load` gets as `room`. It is called by who asks:
                glibc keeps for it what has been freed, and gives back what it freed for other threads.
        """
        self.sampler = sampler
        self._load = load
        self._room = room
        self._workers = workers

    def __len__(self) -> int:
        """Batches of a whole epoch."""
        return self.sampler.steps

    def __iter__(self) -> Iterator[Batch]:
        batches = self._keys()
        if not self._workers:
            for keys in batches:
                yield self._job(keys)()
            return
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="chunks")
        loading: deque[Future[Batch]] = deque()
        try:
            for keys in islice(batches, self._workers + 1):
                loading.append(pool.submit(self._job(keys)))
            while loading:
                batch = loading.popleft().result()
                for keys in islice(batches, 1):
                    loading.append(pool.submit(self._job(keys)))
                yield batch
                del batch  # before the next one is there
        finally:
            # Who has had enough does not wait for what is being read.
            pool.shutdown(wait=False, cancel_futures=True)

    def _job(self, keys: Sequence[tuple[int, int]]) -> Callable[[], Batch]:
        if self._room is None:
            return partial(self._load, keys)
        return partial(self._load, keys, room=self._room(len(keys)))

    def _keys(self) -> Iterator[list[tuple[int, int]]]:
        keys = iter(self.sampler)
        while batch := list(islice(keys, self.sampler.batch_size)):
            yield batch
