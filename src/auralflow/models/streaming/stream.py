"""A signal of unknown length through a network, at the network's own rate: blocks in, blocks out."""

from collections import deque
from dataclasses import replace
from math import lcm

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.dsp.chunks import Chunking
from auralflow.dsp.overlap import OverlapAdd
from auralflow.errors import ModelError
from auralflow.models.base import Separator
from auralflow.models.streaming.answer import answering, chosen_rows
from auralflow.models.streaming.options import SeparationOptions

__all__ = ["Stream"]

_BATCH_ON_GPU = 4


class Stream:
    """Takes blocks `(channels, samples)` and gives stems `(targets, channels, samples)`, in constant memory.

    Blocks may have any lengths; what comes back has others, and all of it together is as long as what went in. Stems
    are those of `targets`, and on the network's device.

    A sample comes back at the latest once `latency` further ones have been pushed.
    """

    def __init__(
        self, network: Separator, *, channels: int, options: SeparationOptions | None = None
    ) -> None:
        options = options or SeparationOptions()
        rows = chosen_rows(network.targets, options.targets)
        self.targets = tuple(network.targets[row] for row in rows)
        self.sample_rate = network.signal.sample_rate
        device = _device_of(network)
        batch_size = options.batch_size or (1 if device.type == "cpu" else _BATCH_ON_GPU)
        length = options.segment_samples(self.sample_rate)
        chunking = Chunking.with_overlap(
            length,
            options.overlap,
            context=_context(network, options, length),
            step=lcm(options.step, network.step),
            window=options.window,
        )
        answer = answering(network, channels=channels, options=options, batch_size=batch_size)
        self._passes = [
            OverlapAdd(
                answer,
                chunking=replace(chunking, offset=chunking.hop * number // options.shifts),
                batch_size=batch_size,
                device=device,
            )
            for number in range(options.shifts)
        ]
        self._mean = _Mean(options.shifts)
        self._done = 0
        self.latency = chunking.length + batch_size * chunking.hop
        """In samples, at the network's rate."""

    def push(self, block: Float[Tensor, "C T"]) -> list[Float[Tensor, "S C T"]]:
        """Take the next samples, on any device; what is finished comes back, which may be nothing.

        Raises `ModelError` if the network answers with another shape or with samples that are not finite.
        """
        with torch.inference_mode():
            for number, overlap_add in enumerate(self._passes):
                self._mean.add(number, overlap_add.push(block))
            return self._ready()

    def finish(self) -> list[Float[Tensor, "S C T"]]:
        """The signal has ended: the rest comes back. Nothing may be pushed afterwards."""
        with torch.inference_mode():
            for number, overlap_add in enumerate(self._passes):
                self._mean.add(number, overlap_add.finish())
            return self._ready()

    def _ready(self) -> list[Tensor]:
        finished = self._mean.take()
        for stems in finished:
            self._refuse_not_finite(stems)
            self._done += stems.shape[-1]
        return finished

    def _refuse_not_finite(self, stems: Tensor) -> None:
        finite = torch.isfinite(stems).all(0).all(0)
        if not finite.all():
            seconds = (self._done + int(finite.int().argmin())) / self.sample_rate
            raise ModelError(
                f"the network answered with samples that are not finite numbers at {seconds:.3f} s: its weights are"
                " damaged or its training diverged; use an earlier checkpoint"
            )


class _Mean:
    """Averages several passes over the same signal, which are not equally far at any time."""

    def __init__(self, passes: int) -> None:
        self._waiting: list[deque[Tensor]] = [deque() for _ in range(passes)]

    def add(self, number: int, finished: list[Tensor]) -> None:
        self._waiting[number].extend(part for part in finished if part.shape[-1])

    def take(self) -> list[Tensor]:
        """What all passes have finished."""
        if len(self._waiting) == 1:
            finished = list(self._waiting[0])
            self._waiting[0].clear()
            return finished
        means = []
        while all(self._waiting):
            length = min(parts[0].shape[-1] for parts in self._waiting)
            means.append(torch.stack([_first(parts, length) for parts in self._waiting]).mean(0))
        return means


def _first(parts: deque[Tensor], length: int) -> Tensor:
    part = parts.popleft()
    if part.shape[-1] > length:
        parts.appendleft(part[..., length:])
    return part[..., :length]


def _device_of(network: Separator) -> torch.device:
    parameter = next(network.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def _context(network: Separator, options: SeparationOptions, length: int) -> int:
    """Samples at either end of a segment that the network cannot know."""
    if options.context_seconds != "auto":
        return round(options.context_seconds * network.signal.sample_rate)
    from auralflow.models.summary import summarise

    field = summarise(network).receptive_field
    if field.before is None or field.after is None:
        return 0
    context = max(field.before, field.after)
    return context if 4 * context <= length else 0
