"""Which chunks a process loads in an epoch, and where it goes on after an interruption."""

from collections.abc import Iterator

from torch.utils.data import Sampler

__all__ = ["ChunkSampler"]


class ChunkSampler(Sampler[tuple[int, int]]):
    """Yields (epoch, index) for one process of a run.

    A step of `world_size` processes with batches of `batch_size` loads the chunks that one process would load with
    batches of `world_size * batch_size`: each process takes its share of consecutive indices. Where `load_size` is no
    multiple of a step, the last step is filled with further chunks, so that every batch of every process is full.
    """

    def __init__(
        self, load_size: int, batch_size: int, *, rank: int = 0, world_size: int = 1
    ) -> None:
        self.batch_size = batch_size
        self.rank = rank
        self.world_size = world_size
        self.steps = -(-load_size // (batch_size * world_size))
        """Batches that each process loads in an epoch."""
        self.epoch = 0
        self.start_batch = 0

    def set_position(self, epoch: int, batch: int) -> None:
        """Go on with batch number `batch`, counted from 0, of `epoch`."""
        self.epoch = epoch
        self.start_batch = batch

    def set_epoch(self, epoch: int) -> None:
        """Start `epoch`, which Lightning announces; a position already set in that epoch is kept."""
        if epoch != self.epoch:
            self.set_position(epoch, 0)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for step in range(self.start_batch, self.steps):
            first = (step * self.world_size + self.rank) * self.batch_size
            for index in range(first, first + self.batch_size):
                yield self.epoch, index

    def __len__(self) -> int:
        """Chunks in a whole epoch, also when the next pass starts in the middle of one.

        Lightning counts the batches it has already seen itself and would stop too early otherwise.
        """
        return self.steps * self.batch_size
