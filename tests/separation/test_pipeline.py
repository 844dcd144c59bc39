"""Items that are made before they are asked for, and items that are used on another thread."""

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing

import pytest

from auralflow.separation.pipeline import ahead, hand_on


def threads() -> list[str]:
    return [
        name for thread in threading.enumerate() if (name := thread.name).startswith("auralflow-")
    ]


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


def test_what_is_handed_on_comes_in_order_on_another_thread_and_is_made_on_this_one():
    got: list[int] = []
    where: set[int] = set()

    def items() -> Iterator[int]:
        for number in range(100):
            assert threading.current_thread() is threading.main_thread()
            yield number

    def consume(numbers: Iterator[int]) -> None:
        for number in numbers:
            where.add(threading.get_ident())
            got.append(number)

    hand_on(items(), consume, depth=3)
    assert got == list(range(100))
    assert where
    assert threading.get_ident() not in where
    assert not threads()


def test_no_more_is_made_than_waits_to_be_used():
    made: list[int] = []
    go_on = threading.Event()
    seen: list[int] = []

    def items() -> Iterator[int]:
        for number in range(6):
            made.append(number)
            # One in the hand of the consumer, two in the queue, one that waits for a place.
            if number == 3:
                seen.append(len(made))
                go_on.set()
            yield number

    def consume(numbers: Iterator[int]) -> None:
        next(numbers)
        assert go_on.wait(60)
        assert len(made) <= 4
        for _ in numbers:
            pass

    hand_on(items(), consume, depth=2)
    assert made == list(range(6))
    assert seen == [4]


def test_an_error_of_the_consumer_is_raised_here_and_ends_the_making():
    def consume(numbers: Iterator[int]) -> None:
        next(numbers)
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        hand_on(iter(int, 1), consume)
    assert not threads()


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_an_error_of_the_making_reaches_the_consumer_too(kind):
    found: list[BaseException] = []

    def items() -> Iterator[int]:
        yield 1
        raise kind("broken")

    def consume(numbers: Iterator[int]) -> None:
        try:
            for _ in numbers:
                pass
        except BaseException as error:
            found.append(error)
            raise

    with pytest.raises(kind, match="broken"):
        hand_on(items(), consume)
    assert [type(error) for error in found] == [kind]
    assert not threads()


def test_a_consumer_may_leave_early():
    got: list[int] = []
    hand_on(iter(range(1000)), lambda numbers: got.append(next(numbers)))
    assert got == [0]
    assert not threads()
