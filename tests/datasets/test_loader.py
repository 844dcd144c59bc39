"""Batches loaded ahead by threads: in order, not too far ahead, and no trouble to leave."""

import threading
import time
from collections.abc import Sequence

import pytest

from auralflow.datasets.loader import ChunkLoader
from auralflow.datasets.sampler import ChunkSampler
from auralflow.errors import DataError

Keys = Sequence[tuple[int, int]]


def keep(keys: Keys) -> list[tuple[int, int]]:
    return list(keys)


def names() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("chunks")]


@pytest.mark.parametrize("workers", [0, 1, 5])
def test_batches_come_in_the_order_of_their_keys_however_long_each_takes(workers):
    def load(keys: Keys) -> list[tuple[int, int]]:
        time.sleep(0.02 if keys[0][1] % 3 == 0 else 0)
        return list(keys)

    sampler = ChunkSampler(40, 2)
    loader = ChunkLoader(load, sampler, workers=workers)
    assert len(loader) == 20
    for epoch in range(2):
        sampler.set_epoch(epoch)
        keys = [key for batch in loader for key in batch]
        assert keys == [(epoch, index) for index in range(40)]


def test_an_epoch_goes_on_where_the_sampler_stands():
    sampler = ChunkSampler(8, 2)
    sampler.set_position(3, 2)
    batches = list(ChunkLoader(keep, sampler, workers=2))
    assert batches == [[(3, 4), (3, 5)], [(3, 6), (3, 7)]]


def test_threads_work_at_once_and_one_batch_ahead_of_their_number():
    together = threading.Barrier(3, timeout=20)
    begun: list[int] = []

    def load(keys: Keys) -> int:
        begun.append(keys[0][1])
        if keys[0][1] < 3:
            together.wait()
        return keys[0][1]

    batches = iter(ChunkLoader(load, ChunkSampler(100, 1), workers=3))
    assert next(batches) == 0
    for _ in range(100):
        if len(begun) == 5:
            break
        time.sleep(0.01)
    time.sleep(0.05)
    assert sorted(begun) == [0, 1, 2, 3, 4]


def test_an_error_is_raised_where_its_batch_is_asked_for():
    def load(keys: Keys) -> int:
        if keys[0][1] == 2:
            raise DataError("a.wav cannot be read any more")
        return keys[0][1]

    batches = iter(ChunkLoader(load, ChunkSampler(9, 1), workers=3))
    assert [next(batches), next(batches)] == [0, 1]
    with pytest.raises(DataError, match=r"^a\.wav cannot be read any more$"):
        next(batches)


def test_who_leaves_early_leaves_no_thread_behind():
    batches = iter(ChunkLoader(len, ChunkSampler(50, 1), workers=3))
    assert next(batches) == 1
    assert names()
    batches.close()  # type: ignore[attr-defined]  # as leaving a for loop does
    for _ in range(200):
        if not names():
            break
        time.sleep(0.01)
    assert names() == []


def test_who_leaves_does_not_wait_for_what_is_being_read():
    hanging, is_over = threading.Event(), threading.Event()
    read: list[int] = []

    def load(keys: Keys) -> int:
        if keys[0][1]:
            hanging.set()
            is_over.wait(2)
            read.append(keys[0][1])
        return keys[0][1]

    batches = iter(ChunkLoader(load, ChunkSampler(50, 1), workers=2))
    assert next(batches) == 0
    assert hanging.wait(20)
    batches.close()  # type: ignore[attr-defined]
    assert read == []
    is_over.set()


@pytest.mark.parametrize("workers", [0, 2])
def test_memory_is_made_by_the_thread_that_asks(workers):
    makers: list[threading.Thread] = []

    def make(chunks: int) -> int:
        makers.append(threading.current_thread())
        return chunks

    loader = ChunkLoader(
        lambda keys, room: (len(keys), room), ChunkSampler(6, 2), workers=workers, room=make
    )
    assert list(loader) == [(2, 2)] * 3
    assert makers == [threading.main_thread()] * 3
