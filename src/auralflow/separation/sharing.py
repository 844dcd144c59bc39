"""Processes that share the songs of a folder, as torchrun starts them."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from auralflow.errors import ConfigError

__all__ = ["Share", "ending_together", "share_of_environment", "use_own_gpu"]

Item = TypeVar("Item")
_PATIENCE = timedelta(days=30)


@dataclass(frozen=True)
class Share:
    """One process of several: it has every so-manieth song, whatever the others do."""

    rank: int = 0
    processes: int = 1

    def of(self, items: Sequence[Item]) -> Sequence[Item]:
        """Its items; those of all processes together are all, and none is in two shares."""
        return items[self.rank :: self.processes]


def share_of_environment() -> Share:
    """What torchrun says of this process: `RANK` of `WORLD_SIZE`; all of it where that is not set.

    Raises `ConfigError` for numbers that do not go together.
    """
    rank, processes = os.environ.get("RANK", "0"), os.environ.get("WORLD_SIZE", "1")
    if not (rank.isdigit() and processes.isdigit() and int(rank) < int(processes)):
        raise ConfigError(
            f"RANK is {rank} and WORLD_SIZE {processes}, of which no share follows: start with torchrun, or unset both"
        )
    return Share(int(rank), int(processes))


def use_own_gpu() -> None:
    """Let this process compute on the GPU of its number on this machine, where torchrun has given it one."""
    import torch

    number = os.environ.get("LOCAL_RANK", "")
    if number.isdigit() and torch.cuda.is_available():
        torch.cuda.set_device(int(number) % torch.cuda.device_count())


@contextmanager
def ending_together(share: Share) -> Iterator[None]:
    """Leave the context once all processes have come to its end, if torchrun or the like has told them where to meet.

    torchrun ends all processes when one ends with a code that is not 0, as one whose song could not be read does.
    """
    if share.processes == 1 or not {"MASTER_ADDR", "MASTER_PORT"} <= os.environ.keys():
        yield
        return
    from torch import distributed

    # They meet at the beginning, when all start, so that a wrong address is found out within minutes.
    distributed.init_process_group("gloo", rank=share.rank, world_size=share.processes)
    try:
        yield
        distributed.monitored_barrier(timeout=_PATIENCE)
    finally:
        distributed.destroy_process_group()
