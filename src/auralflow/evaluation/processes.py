"""Measuring in several processes, each with its share of the processor."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any

import torch

from auralflow.errors import DataError
from auralflow.evaluation.contender import Contender
from auralflow.evaluation.measuring import Job, Outcome, Station
from auralflow.metrics import Metric, parse_metrics

__all__ = ["in_processes"]

_stations: list[Station] = []
"""This process's one, if it is one that measures."""


def in_processes(
    contenders: Sequence[Contender],
    jobs: Sequence[Job],
    *,
    metrics: Sequence[Metric[Any]],
    processes: int,
) -> Iterator[tuple[Job, Outcome]]:
    """The outcome of every job as it is there. All processes end when this does, however it does.

    Raises `DataError` where one of them ends by itself.
    """
    count = min(processes, len(jobs))
    before = set(multiprocessing.active_children())
    # Metrics hold functions, which cannot be sent; their names can.
    told = (tuple(contenders), [metric.name for metric in metrics], _threads(count))
    pool = ProcessPoolExecutor(
        count, multiprocessing.get_context("spawn"), initializer=_begin, initargs=told
    )
    try:
        with _deaf_to_ctrl_c():
            numbered: dict[Future[Outcome], Job] = {pool.submit(_do, job): job for job in jobs}
        for future in as_completed(numbered):
            yield numbered[future], future.result()
    except BrokenProcessPool as error:
        raise DataError(
            f"one of {count} measuring processes was ended from outside, perhaps for want of memory: pass fewer "
            "--processes; what was measured is kept, and a script wants `if __name__ == '__main__':`"
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
            process.join()


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes that are begun here are so from their first moment, and do not each tell of it in many lines."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _threads(processes: int) -> int:
    return max(1, torch.get_num_threads() // processes)


def _begin(contenders: tuple[Contender, ...], metrics: list[str], threads: int) -> None:
    """Ctrl-C is the first process's to handle, and where that is gone this one ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(threads)
    _stations[:] = [Station(contenders, parse_metrics(metrics))]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _do(job: Job) -> Outcome:
    return _stations[0].do(job)
