"""Training chunks: slices of the sample store, read as raw as they lie there straight into the memory of a batch.

A worker reads; conversion to float, averaging of channels, augmentation and mixing run on the whole batch, on the
training device.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor
from torch.utils.data import Dataset, get_worker_info

from auralflow.datasets.draw import Draw, Plan
from auralflow.datasets.spans import Span, SpanReader
from auralflow.datasets.tracks import Track
from auralflow.errors import AudioError, DataError
from auralflow.shapes import Stems

__all__ = ["ChunkBatch", "ChunkDataset", "identity"]

_ATTEMPTS = 16
"""Draws in place of one that cannot be read, before it is given up."""
_SHOWN = 3


@dataclass(frozen=True)
class ChunkBatch:
    """Chunks as they travel to the training device: a row for each recording that sounds in one of their stems.

    A stem may be the sum of several rows, and one without a row is silent.
    """

    samples: Shaped[Tensor, "R C T"]
    """int16 or float32; one channel or two."""
    scale: Float[Tensor, " R"]
    """What the samples are to be multiplied with to be audio; negative where they are to be taken away."""
    places: Int[Tensor, " R"]
    """Number of the stem that a row belongs to, counted through the stems of all chunks."""
    shape: tuple[int, int, int]
    """Chunks, stems and the channels that the network sees."""
    is_plain: bool
    """Whether every stem of every chunk is one row, in order."""
    numbers: Mapping[str, Float[Tensor, "B S K"]]
    """Numbers in [0, 1) by the name of what they were drawn for."""
    broken: Mapping[str, str]
    """Files that could not be read, with the reason; other chunks are in the place of theirs."""
    keys: tuple[tuple[int, int], ...] = ()
    """Epoch and index of each chunk."""
    failure: str = ""
    """Why there is nothing in it. What a worker raises reaches its parent in a traceback, so that it is said here."""

    def stems(self) -> Stems:
        """The stems as audio with the network's channels: two are averaged into one, one is doubled into two.

        Raises:
            DataError: a worker could not read anything.
        """
        if self.failure:
            raise DataError(self.failure)
        audio, scale = self.samples.to(torch.float32), self.scale[:, None, None]
        if self.shape[-1] == 1 and audio.shape[1] == 2:
            # Faster than a mean over a dimension of two, which this is.
            audio, scale = audio[:, :1] + audio[:, 1:], 0.5 * scale
        audio = audio * scale
        chunks, count, channels = self.shape
        if not self.is_plain:
            silence = audio.new_zeros(chunks * count, *audio.shape[1:])
            audio = silence.index_add_(0, self.places, audio)
        audio = audio.unflatten(0, (chunks, count))
        stems: Stems = audio.expand(-1, -1, channels, -1).contiguous()
        return stems

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """The batch with its samples on `device`.

        The drawn numbers stay: what they decide is known without waiting for a GPU.
        """
        return replace(
            self,
            samples=self.samples.to(device, non_blocking=non_blocking),
            scale=self.scale.to(device, non_blocking=non_blocking),
            places=self.places.to(device, non_blocking=non_blocking),
        )

    def pin_memory(self) -> Self:
        """The batch in page-locked memory, from where a GPU fetches it while it computes."""
        return replace(
            self,
            samples=self.samples.pin_memory(),
            scale=self.scale.pin_memory(),
            places=self.places.pin_memory(),
        )


class ChunkDataset(Dataset[ChunkBatch]):
    """Chunks of training tracks; an item's key is (epoch, index), as `ChunkSampler` yields them.

    Every stem of the dataset is loaded, since the mixture is the sum of all. Where a track has one stem and a mixture,
    a last stem called `residual` holds the rest of the mixture. A stem that a track lacks is silence.
    """

    def __init__(
        self,
        tracks: Sequence[Track],
        spans: SpanReader,
        draw: Draw,
        *,
        stem_names: Sequence[str],
        channels: int,
    ) -> None:
        """Load what `draw` says of `tracks` through `spans`; `auralflow.datasets.loading` puts the three together."""
        self.tracks = tuple(tracks)
        self.stem_names = tuple(stem_names)
        """What the stems of a batch are, in their order."""
        self.channels = channels
        self.draw = draw
        self._spans = spans
        self._raw_channels = min(2, max(track.channels for track in tracks))

    def __getitem__(self, key: tuple[int, int]) -> ChunkBatch:
        """The chunk of that epoch and index, as a batch of one.

        Raises:
            DataError: neither it nor any of many others in its place can be read.
        """
        return self.__getitems__([key])

    def __getitems__(self, keys: Sequence[tuple[int, int]]) -> ChunkBatch:
        """The chunks of those epochs and indices as one batch; torch's loaders ask so for all of a batch at once.

        A chunk that cannot be read is drawn again, which depends on nothing but the key and the files.

        Raises:
            DataError: a chunk cannot be read, nor any of many others in its place.
        """
        attempts = [0] * len(keys)
        broken: dict[str, str] = {}
        while True:
            plans = [
                self.draw(*key, attempt=attempt)
                for key, attempt in zip(keys, attempts, strict=True)
            ]
            batch, failed = self._read(plans, broken)
            if batch is not None:
                return replace(batch, keys=tuple((epoch, index) for epoch, index in keys))
            for chunk in failed:
                attempts[chunk] += 1
                if attempts[chunk] == _ATTEMPTS:
                    reasons = "; ".join(list(broken.values())[:_SHOWN])
                    failure = f"no chunk can be read any more, {_ATTEMPTS} were tried in place of one: {reasons}"
                    if get_worker_info() is None:
                        raise DataError(failure)
                    return _failed(failure, broken)

    def _read(
        self, plans: Sequence[Plan], broken: dict[str, str]
    ) -> tuple[ChunkBatch | None, set[int]]:
        """The batch of the plans; None, and the numbers of the chunks that cannot be read, where there are such."""
        rows: list[tuple[int, int, Span]] = []
        failed: set[int] = set()
        for chunk, plan in enumerate(plans):
            places = zip(self.stem_names, plan.tracks, plan.starts, strict=True)
            for stem, (name, track, start) in enumerate(places):
                try:
                    spans = list(self._spans.spans(self.tracks[track], name, start))
                except AudioError as error:
                    broken[_file_of(error)] = str(error)
                    failed.add(chunk)
                    continue
                rows += [(chunk, stem, span) for span in spans]
        is_short = all(span.is_short for _, _, span in rows)
        samples = _empty(
            (len(rows), self._spans.samples, self._raw_channels),
            torch.int16 if is_short else torch.float32,
        )
        view = samples.numpy()
        for row, (chunk, _, span) in enumerate(rows):
            try:
                if chunk not in failed:
                    span.read_into(view[row])
            except AudioError as error:
                broken[_file_of(error)] = str(error)
                failed.add(chunk)
        if failed:
            return None, failed
        stems = len(self.stem_names)
        places_of_rows = [chunk * stems + stem for chunk, stem, _ in rows]
        batch = ChunkBatch(
            samples.transpose(1, 2),
            torch.tensor([span.scale for _, _, span in rows], dtype=torch.float32),
            torch.tensor(places_of_rows, dtype=torch.int64),
            shape=(len(plans), stems, self.channels),
            is_plain=places_of_rows == list(range(len(plans) * stems)),
            numbers={
                name: torch.tensor([plan.numbers[name] for plan in plans], dtype=torch.float32)
                for name in plans[0].numbers
            },
            broken=dict(broken),
        )
        return batch, failed


def _failed(failure: str, broken: dict[str, str]) -> ChunkBatch:
    none = torch.zeros(0)
    return ChunkBatch(
        none,
        none,
        none,
        shape=(0, 0, 0),
        is_plain=False,
        numbers={},
        broken=broken,
        failure=failure,
    )


def _file_of(error: AudioError) -> str:
    """What tells errors of one file from those of others."""
    return str(error).partition(" cannot be read")[0]


def _empty(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Memory for a batch: in a worker the one that it shares with its parent, so that nothing is copied on the way."""
    if get_worker_info() is None:
        return torch.empty(shape, dtype=dtype)
    size = math.prod(shape) * dtype.itemsize
    storage: torch.UntypedStorage = torch.UntypedStorage._new_shared(size, device="cpu")
    return torch.empty(0, dtype=dtype).set_(storage, 0, torch.Size(shape), _strides(shape))


def _strides(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(math.prod(shape[place + 1 :]) for place in range(len(shape)))


def identity(batch: Any) -> ChunkBatch:
    """What collates a batch that is one already."""
    whole: ChunkBatch = batch
    return whole
