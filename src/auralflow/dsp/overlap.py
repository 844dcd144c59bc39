"""A network over a signal of unknown length: cut into chunks, compute in batches, cross-fade, in constant memory.

Samples are pushed as they come; finished ones are handed out as soon as no later chunk can touch them. What is
held is a few chunks of input and one chunk of output: the ring, into which every chunk is added with its weights
and which is divided by their sum when its samples leave. So the weights of every sample add up to one, at the ends
and at the last, shifted chunk as everywhere else.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.dsp.chunks import Chunking
from auralflow.errors import ModelError
from auralflow.shapes import Mixture, Stems

__all__ = ["OverlapAdd"]


class OverlapAdd:
    """Pushes a signal through `process` chunk by chunk; after `finish` as many samples came out as went in."""

    def __init__(
        self,
        process: Callable[[Mixture], Stems],
        *,
        chunking: Chunking,
        batch_size: int = 1,
        device: torch.device | str = "cpu",
    ) -> None:
        self._process = process
        self._chunking = chunking
        self._batch_size = batch_size
        self._inbox = _Inbox(chunking.length + batch_size * chunking.hop + 1)
        self._ring = _Ring(chunking.length)
        self._device = torch.device(device)
        self._ready = self._following(0)
        self._weights: dict[tuple[bool, bool], Tensor] = {}

    def push(self, block: Float[Tensor, "C T"]) -> list[Float[Tensor, "S C T"]]:
        """Take the next samples, on any device; return what is finished, on the device, in order.

        Raises `ModelError` if the network answers with another length.
        """
        finished: list[Tensor] = []
        while block.shape[-1]:
            block = block[:, self._inbox.append(block) :]
            # Strictly more than the batch covers: a chunk that ends where the signal ends is the last one, and its
            # weights differ, so that must be known before it is computed.
            if self._ready[-1] + self._chunking.length < self._inbox.end:
                finished += self._compute(self._ready)
                self._inbox.drop_before(self._ready[-1])
                self._ready = self._following(self._chunking.start_after(self._ready[-1]))
        return finished

    def finish(self) -> list[Float[Tensor, "S C T"]]:
        """The signal has ended: return the rest. Nothing may be pushed afterwards."""
        end = self._inbox.end
        if not end:
            return []
        length = self._chunking.length
        starts = [start for start in self._ready if start < end - length]
        last = self._chunking.last_start(end)
        if starts and end - last < length:
            finished = [*self._compute(starts), *self._compute([last])]
        else:
            finished = self._compute([*starts, last])
        return [*finished, self._ring.flush(end)]

    def _following(self, start: int) -> list[int]:
        """The starts of the next chunks that are computed together."""
        starts = [start]
        while len(starts) < self._batch_size:
            starts.append(self._chunking.start_after(starts[-1]))
        return starts

    def _compute(self, starts: Sequence[int]) -> list[Tensor]:
        length = min(self._chunking.length, self._inbox.end - starts[-1])
        chunks = torch.stack([self._inbox.span(start, length) for start in starts])
        estimates = self._process(chunks.to(self._device))
        if (
            estimates.ndim != 4
            or estimates.shape[0] != len(starts)
            or estimates.shape[-1] != length
        ):
            raise ModelError(
                f"the network was given {tuple(chunks.shape)} (items, channels, samples) and answered"
                f" {tuple(estimates.shape)}, which is not (items, targets, channels, samples): correct its forward"
            )
        finished = []
        for start, estimate in zip(starts, estimates, strict=True):
            weights = self._weights_of(start == 0, start + length == self._inbox.end, length)
            finished.append(self._ring.flush(start))
            self._ring.add(start, estimate.float(), weights)
        return [samples for samples in finished if samples.numel()]

    def _weights_of(self, first: bool, last: bool, length: int) -> Tensor:
        if (first, last) not in self._weights:
            weights = self._chunking.weights(first=first, last=last)
            self._weights[first, last] = weights.to(self._device)
        return self._weights[first, last][:length]


class _Inbox:
    """The samples that a chunk still to come may need, addressed by their position in the signal."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._samples = torch.zeros(0, 0)
        self._start = 0
        self.end = 0

    def append(self, block: Tensor) -> int:
        """Copy as many samples as there is room for; return how many."""
        if not self.end:
            self._samples = torch.zeros(block.shape[0], self._capacity)
        held = self.end - self._start
        count = min(block.shape[-1], self._capacity - held)
        self._samples[:, held : held + count] = block[:, :count]
        self.end += count
        return count

    def span(self, start: int, length: int) -> Tensor:
        return self._samples[:, start - self._start : start - self._start + length]

    def drop_before(self, start: int) -> None:
        kept = self.span(start, self.end - start).clone()
        self._samples[:, : kept.shape[-1]] = kept
        self._start = start


class _Ring:
    """One chunk's length of weighted sums and of the sums of their weights."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._start = 0
        self._sum: Tensor | None = None
        self._weight = torch.zeros(0)

    def add(
        self, start: int, estimate: Float[Tensor, "S C T"], weights: Float[Tensor, " T"]
    ) -> None:
        """Add a chunk; everything before its start must have been flushed."""
        if self._sum is None:
            self._sum = estimate.new_zeros(*estimate.shape[:-1], self._length)
            self._weight = estimate.new_zeros(self._length)
        place = slice(start - self._start, start - self._start + estimate.shape[-1])
        self._sum[..., place] += estimate * weights
        self._weight[place] += weights

    def flush(self, until: int) -> Tensor:
        """Take out the samples before `until`, which no chunk will touch any more."""
        if self._sum is None:
            return self._weight
        count = until - self._start
        finished = self._sum[..., :count] / self._weight[:count]
        for sums in (self._sum, self._weight):
            kept = sums[..., count:].clone()
            sums[..., : kept.shape[-1]] = kept
            sums[..., kept.shape[-1] :] = 0.0
        self._start = until
        return finished
