"""Training chunks: slices of the sample store, read as raw as they lie there straight into the memory of a batch.

A worker reads; conversion to float, averaging of channels, augmentation and mixing run on the whole batch, on the
training device.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor
from torch.utils.data import Dataset, get_worker_info

from auralflow.datasets.draw import Draw, Plan
from auralflow.datasets.sharing import empty_shared_batch, received
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
    swapped: Bool[Tensor, " R"] | None = None
    """Whose left and right channels are to be exchanged; None where nobody's are."""
    keys: tuple[tuple[int, int], ...] = ()
    """Epoch and index of each chunk."""
    failure: str = ""
    """Why there is nothing in it. What a worker raises reaches its parent in a traceback, so that it is said here."""

    def changed(
        self, factors: Float[Tensor, "B S"], swapped: Bool[Tensor, "B S"] | None = None
    ) -> Self:
        """The batch with stems that are louder or negated by a factor, or whose channels are exchanged.

        That costs nothing, since `stems` multiplies and moves the samples anyway.
        """
        places = self.places.to(factors.device)
        return replace(
            self,
            scale=self.scale * factors.flatten()[places].to(self.scale),
            swapped=None if swapped is None else swapped.flatten()[places].to(self.scale.device),
        )

    def stems(self) -> Stems:
        """The stems as audio with the network's channels: two are averaged into one, one is doubled into two.

        Raises:
            DataError: a worker could not read anything.
        """
        if self.failure:
            raise DataError(self.failure)
        if self.samples.device.type == "cpu":
            return self._stems_row_by_row()
        audio, scale = self.samples.to(torch.float32), self.scale[:, None, None]
        if self.swapped is not None and audio.shape[1] == 2:
            audio = torch.where(self.swapped[:, None, None], audio.flip(1), audio)
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

    def _stems_row_by_row(self) -> Stems:
        """The same with less to move: each row is scaled while it lies in the processor's cache."""
        chunks, count, channels = self.shape
        audio = torch.empty(chunks * count, channels, self.samples.shape[-1])
        silent = set(range(len(audio)))
        swapped = [False] * len(self.samples) if self.swapped is None else self.swapped.tolist()
        rows = zip(self.samples, self.scale.tolist(), self.places.tolist(), swapped, strict=True)
        for row, scale, place, is_swapped in rows:
            target = audio[place] if place in silent else torch.empty_like(audio[place])
            if len(row) > channels:
                target.copy_(row[:1]).add_(row[1:]).mul_(0.5 * scale)
            elif is_swapped and len(row) == 2:
                target[0].copy_(row[1])
                target[1].copy_(row[0])
                target.mul_(scale)
            else:
                target.copy_(row).mul_(scale)
            if place not in silent:
                audio[place] += target
            silent.discard(place)
        for place in silent:
            audio[place].zero_()
        stems: Stems = audio.unflatten(0, (chunks, count))
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
            swapped=None
            if self.swapped is None
            else self.swapped.to(device, non_blocking=non_blocking),
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, samples=received(state["samples"]))

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
        # A worker's batch goes to its parent.
        empty = torch.empty if get_worker_info() is None else empty_shared_batch
        samples = empty(
            (len(rows), self._spans.samples, self._raw_channels),
            dtype=torch.int16 if is_short else torch.float32,
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


def identity(batch: Any) -> ChunkBatch:
    """What collates a batch that is one already."""
    whole: ChunkBatch = batch
    return whole
