"""Items that are made before they are asked for."""

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing

import pytest

from auralflow.separation.pipeline import ahead


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "auralflow-ahead"]


def test_items_come_in_order_and_no_thread_stays():
    assert list(ahead(range(100), depth=3)) == list(range(100))
    assert not threads()


def test_no_more_are_made_than_asked_for():
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    with closing(ahead(items(), depth=2)) as numbers:
        assert next(numbers) == 0
        time.sleep(0.05)
        # One in the hand, two in the queue, one that waits for a place.
        assert len(made) <= 4
    assert not threads()


def test_an_error_comes_where_its_item_would_have():
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    numbers = ahead(items())
    assert next(numbers) == 1
    with pytest.raises(ValueError, match="broken"):
        next(numbers)
    assert not threads()


def test_closing_half_way_ends_the_thread_and_closes_what_it_read():
    closed = threading.Event()

    def items() -> Generator[int, None, None]:
        try:
            yield from iter(int, 1)
        finally:
            closed.set()

    source = items()
    with closing(ahead(source)) as numbers:
        next(numbers)
    assert not threads()
    source.close()
    assert closed.is_set()
