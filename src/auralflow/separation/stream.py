"""A network, or a bag of them, over a stream of audio of any rate and channel count."""

from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from typing import Protocol

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from auralflow.audio import StreamResampler
from auralflow.models.base import Separator
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.bag import Bag
from auralflow.separation.blending import Blend
from auralflow.shapes import Audio

__all__ = ["SongStream", "StemBlock", "open_stream", "separate_stream"]

StemBlock = Float[ndarray, "S C T"]


def separate_stream(
    model: Separator | Bag,
    blocks: Iterable[Audio],
    *,
    sample_rate: int,
    channels: int,
    options: SeparationOptions | None = None,
) -> Iterator[StemBlock]:
    """Stems of the blocks, in the order of `model.targets`, at the rate, channel count and length that came in.

    The blocks may have any lengths, those that come back have others; memory does not grow with their number. The
    network runs where its weights are, in eval mode; each of its modules is put back into the mode it was in.
    Raises `ModelError` for answers of a wrong shape or with samples that are not finite.
    """
    stream = open_stream(model, sample_rate=sample_rate, channels=channels, options=options)
    for block in blocks:
        yield from stream.push(block)
    yield from stream.finish()


class SongStream(Protocol):
    """What is pushed in comes back as stems, as much of it in the end."""

    targets: tuple[str, ...]
    latency: int
    """A sample comes back at the latest once so many further ones have been pushed."""

    def push(self, block: Audio) -> list[StemBlock]:
        """Take the next samples; what is finished comes back, which may be nothing."""
        ...

    def finish(self) -> list[StemBlock]:
        """The signal has ended: the rest comes back. Nothing may be pushed afterwards."""
        ...


def open_stream(
    model: Separator | Bag,
    *,
    sample_rate: int,
    channels: int,
    options: SeparationOptions | None = None,
) -> SongStream:
    """The same as an object, for audio that arrives by and by.

    Raises `ConfigError` for options that the network cannot follow, such as targets it does not have.
    """
    options = options or SeparationOptions()
    if not isinstance(model, Bag):
        return _OneNetwork(model, sample_rate, channels, options)

    def open_member(network: Separator, options: SeparationOptions) -> SongStream:
        return _OneNetwork(network, sample_rate, channels, options)

    return Blend(model, options, open_member)


class _OneNetwork:
    """Resamples to the network's rate and back, and keeps the length."""

    def __init__(
        self, network: Separator, sample_rate: int, channels: int, options: SeparationOptions
    ) -> None:
        own_rate = network.signal.sample_rate
        self._stream = network.stream(channels=channels, options=options)
        self.targets = self._stream.targets
        self._channels = channels
        self._there = StreamResampler(sample_rate, own_rate, channels)
        self._back = StreamResampler(own_rate, sample_rate, len(self.targets) * channels)
        self._taken = 0
        self._given = 0
        self._last = np.zeros((len(self.targets), channels, 1), dtype=np.float32)
        self.latency = ceil(self._stream.latency * sample_rate / own_rate)
        if own_rate != sample_rate:
            self.latency += ceil(_FILTER_SECONDS * sample_rate)

    def push(self, block: Audio) -> list[StemBlock]:
        self._taken += block.shape[-1]
        return self._passed(self._there.push(block))

    def finish(self) -> list[StemBlock]:
        blocks = self._passed(self._there.finish())
        blocks += self._converted(self._stream.finish())
        blocks += self._counted(self._back.finish())
        missing = self._taken - self._given
        # There and back again, a length is off by as many samples as one of the other rate is long.
        if missing > 0:
            blocks += self._counted(np.repeat(self._last, missing, axis=-1))
        return blocks

    def _passed(self, block: Audio) -> list[StemBlock]:
        samples = torch.from_numpy(np.ascontiguousarray(block, dtype=np.float32))
        return self._converted(self._stream.push(samples))

    def _converted(self, finished: Sequence[Tensor]) -> list[StemBlock]:
        blocks: list[StemBlock] = []
        for stems in finished:
            flat = stems.cpu().numpy().reshape(-1, stems.shape[-1])
            blocks += self._counted(self._back.push(flat))
        return blocks

    def _counted(self, block: ndarray) -> list[StemBlock]:
        # More than was taken can only come at the end, when everything has been taken.
        stems = block.reshape(len(self.targets), self._channels, -1)
        stems = stems[..., : self._taken - self._given]
        if not stems.shape[-1]:
            return []
        self._given += stems.shape[-1]
        self._last = stems[..., -1:].copy()  # A view would keep the whole block.
        return [stems]


_FILTER_SECONDS = 0.1
"""More than what the resampler's filters hold back, there and back, at any two rates from 8 kHz on."""
