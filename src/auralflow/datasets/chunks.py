"""Training chunks: slices of the sample store, read straight into the memory of a batch.

For a network on a GPU they stay as raw as they lie there: conversion to float, averaging of channels, augmentation and
mixing run on the whole batch, on that device. For one on the CPU each recording is converted as soon as it is read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from auralflow.datasets.batches import ChunkBatch, StemBatch
from auralflow.datasets.converting import Converter
from auralflow.datasets.draw import Draw
from auralflow.datasets.rows import Row, Rows
from auralflow.datasets.spans import SpanReader
from auralflow.datasets.tracks import Track
from auralflow.errors import DataError
from auralflow.shapes import Audio, Mixture, Stems

__all__ = ["Ahead", "ChunkDataset", "Room"]

_ATTEMPTS = 16
"""Draws in place of one that cannot be read, before it is given up."""
_SHOWN = 3

Numbers = Mapping[str, Float[Tensor, "B S K"]]
Ahead = Callable[[Numbers], tuple[Float[Tensor, "B S"], Bool[Tensor, "B S"] | None] | None]
"""From drawn numbers what each stem is multiplied with, and whose channels are exchanged; None for neither."""
Room = tuple[Stems, Mixture | None]
"""Memory for the stems and for the mixtures, where they are wanted."""
Batch = TypeVar("Batch", ChunkBatch, StemBatch)


class ChunkDataset:
    """Chunks of training tracks, asked for by keys (epoch, index), as `ChunkSampler` yields them.

    Every stem of the dataset is loaded, since the mixture is the sum of all. Where a track has one stem and a mixture,
    a last stem called `residual` holds the rest of the mixture. A stem that a track lacks is silence. Several threads
    may ask at once.

    A chunk that cannot be read is drawn again, which depends on nothing but the key and the files.
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
        return self.read([key])

    def read(self, keys: Sequence[tuple[int, int]], *, is_pinned: bool = False) -> ChunkBatch:
        """The chunks of those epochs and indices, raw.

        Args:
            keys: epochs and indices.
            is_pinned: read into page-locked memory, from where a GPU fetches it while it computes.

        Raises:
            DataError: a chunk cannot be read, nor any of many others in its place.
        """
        return self._load(keys, partial(self._gather, is_pinned=is_pinned))

    def stems(
        self,
        keys: Sequence[tuple[int, int]],
        *,
        ahead: Ahead | None = None,
        room: Room | None = None,
    ) -> StemBatch:
        """The chunks of those epochs and indices as audio, which is what `read(keys).stems()` gives, in less time.

        Args:
            keys: epochs and indices.
            ahead: how loud stems are to be, and whose channels exchanged, as `ChunkBatch.changed` has it.
            room: memory of `room` to put them in.

        Raises:
            DataError: a chunk cannot be read, nor any of many others in its place.
        """
        return self._load(
            keys, partial(self._convert, ahead=ahead, room=room or self.room(len(keys)))
        )

    def room(self, chunks: int, *, is_mixed: bool = False) -> Room:
        """Memory for stems and, if wanted, mixtures of so many chunks, not initialised."""
        shape = (self.channels, self._spans.samples)
        stems = torch.empty(chunks, len(self.stem_names), *shape)
        return stems, torch.empty(chunks, *shape) if is_mixed else None

    def _load(self, keys: Sequence[tuple[int, int]], fill: Callable[[Rows], Batch]) -> Batch:
        """What `fill` makes of the rows of chunks that can all be read."""
        attempts = [0] * len(keys)
        broken: dict[str, str] = {}
        while True:
            plans = [
                self.draw(*key, attempt=attempt)
                for key, attempt in zip(keys, attempts, strict=True)
            ]
            rows = Rows(plans, self.tracks, self.stem_names, self._spans)
            batch = fill(rows)
            broken |= rows.broken
            if not rows.failed:
                own = tuple((epoch, index) for epoch, index in keys)
                return replace(batch, keys=own, broken=broken)
            for chunk in rows.failed:
                attempts[chunk] += 1
                if attempts[chunk] == _ATTEMPTS:
                    reasons = "; ".join(list(broken.values())[:_SHOWN])
                    raise DataError(
                        f"no chunk can be read any more, {_ATTEMPTS} were tried in place of one: {reasons}"
                    )

    def _gather(self, rows: Rows, *, is_pinned: bool) -> ChunkBatch:
        """All rows in one tensor, whose channels lie interleaved only where those of all files do."""
        channels, samples = self._raw_channels, self._spans.samples
        is_planar = any(row.span.audio.is_planar for row in rows)
        shape = (channels, samples) if is_planar else (samples, channels)
        is_short = all(row.span.is_short for row in rows)
        whole = torch.empty(
            (len(rows), *shape),
            dtype=torch.int16 if is_short else torch.float32,
            pin_memory=is_pinned,
        )
        planes = whole if is_planar else whole.transpose(1, 2)
        for row, target in zip(rows, planes.numpy(), strict=True):
            rows.read(row, target.T)
        stems = len(self.stem_names)
        places = [row.place for row in rows]
        return ChunkBatch(
            planes,
            rows.scales,
            torch.tensor(places, dtype=torch.int64),
            shape=(rows.chunks, stems, self.channels),
            is_plain=places == list(range(rows.chunks * stems)),
            numbers=rows.numbers,
            broken={},
        )

    def _convert(self, rows: Rows, *, ahead: Ahead | None, room: Room) -> StemBatch:
        """One stem after the other, each added to the mixture of its chunk while it is in the cache."""
        stems, mixture = room
        count = len(self.stem_names)
        scales, swapped = rows.scales, torch.zeros(rows.chunks, count, dtype=torch.bool)
        if ahead is not None and (changes := ahead(rows.numbers)) is not None:
            scales = scales * changes[0].flatten()[[row.place for row in rows]].to(scales)
            swapped = swapped if changes[1] is None else changes[1]
        are_swapped = swapped.flatten().tolist()
        converter = Converter(self._spans.samples)
        audio = stems.flatten(0, 1).numpy()
        mixed = None if mixture is None else mixture.numpy()
        parts: list[list[tuple[Row, np.float32]]] = [[] for _ in audio]
        for row, factor in zip(rows, scales.numpy(), strict=True):
            parts[row.place].append((row, factor))
        for place, own in enumerate(audio):
            is_silent = True
            for row, factor in parts[place]:
                raw = converter.room_for(row.span)
                if not rows.read(row, raw):
                    continue
                target = own if is_silent else np.empty_like(own)
                converter.convert(raw, target, factor=factor, is_swapped=are_swapped[place])
                if not is_silent:
                    np.add(own, target, out=own)
                is_silent = False
            if is_silent:
                own[:] = 0
            if mixed is not None:
                chunk, stem = divmod(place, count)
                _add(audio[place - stem], own, mixed[chunk], number=stem, count=count)
        return StemBatch(stems, mixture, rows.numbers, broken={})


def _add(first: Audio, stem: Audio, mixture: Audio, *, number: int, count: int) -> None:
    """Add a stem of `count` to the mixture, in their order, as a sum over them does; the first waits for the second."""
    if count == 1:
        np.copyto(mixture, stem)
    elif number:
        np.add(first if number == 1 else mixture, stem, out=mixture)
