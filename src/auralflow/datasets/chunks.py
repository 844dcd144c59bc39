"""Training chunks: slices of the sample store, as raw as they lie there, gathered into batches.

A worker copies; conversion to float, averaging of channels, augmentation and mixing run on the whole batch, on the
training device.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
from jaxtyping import Float, Shaped
from numpy import ndarray
from torch import Tensor
from torch.utils.data import Dataset

from auralflow.datasets.config import DataConfig
from auralflow.datasets.draw import Draw, Plan
from auralflow.datasets.spans import Span, SpanReader
from auralflow.datasets.store import Store
from auralflow.datasets.tracks import RESIDUAL, Track
from auralflow.errors import DataError
from auralflow.shapes import Stems

__all__ = ["Chunk", "ChunkBatch", "ChunkDataset", "collate"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chunk:
    """One drawn chunk."""

    samples: Shaped[ndarray, "S T C"]
    """int16, or float32 where a stem needs it."""
    scale: Float[ndarray, " S"]
    """What the samples are to be multiplied with to be audio."""
    plan: Plan
    channels: int


@dataclass(frozen=True)
class ChunkBatch:
    """Chunks as they travel to the training device."""

    samples: Shaped[Tensor, "B S C T"]
    """int16 or float32; one channel or two."""
    scale: Float[Tensor, "B S"]
    """What the samples are to be multiplied with to be audio."""
    augmentation: Mapping[str, Float[Tensor, "B S"]]
    """What was drawn for each stem, for the augmentations that are switched on: `gain_db` in decibels,
    `swap_channels` and `flip_polarity` as 0 or 1."""
    channels: int
    """Channels that the network sees."""

    def stems(self) -> Stems:
        """The stems as audio with the network's channels: two are averaged into one, one is doubled into two."""
        audio, scale = self.samples.to(torch.float32), self.scale[:, :, None, None]
        if self.channels == 1 and audio.shape[2] == 2:
            # Faster than a mean over a dimension of two, which this is.
            audio, scale = audio[:, :, :1] + audio[:, :, 1:], 0.5 * scale
        return (audio * scale).expand(-1, -1, self.channels, -1).contiguous()

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """The batch with its tensors on `device`."""
        return replace(
            self,
            samples=self.samples.to(device, non_blocking=non_blocking),
            scale=self.scale.to(device, non_blocking=non_blocking),
            augmentation={
                name: numbers.to(device, non_blocking=non_blocking)
                for name, numbers in self.augmentation.items()
            },
        )

    def pin_memory(self) -> Self:
        """The batch in page-locked memory, from where a GPU fetches it while it computes."""
        return replace(
            self,
            samples=self.samples.pin_memory(),
            scale=self.scale.pin_memory(),
            augmentation={
                name: numbers.pin_memory() for name, numbers in self.augmentation.items()
            },
        )


class ChunkDataset(Dataset[Chunk]):
    """Chunks of training tracks; an item's key is (epoch, index), as `ChunkSampler` yields them.

    Every stem of the dataset is loaded, since the mixture is the sum of all. Where a track has one stem and a mixture,
    a last stem called `residual` holds the rest of the mixture. A stem that a track lacks is silence.
    """

    def __init__(
        self,
        tracks: Sequence[Track],
        store: Store,
        *,
        stem_names: Sequence[str],
        config: DataConfig,
        seed: int = 0,
    ) -> None:
        """Prepare to load chunks of `tracks`, whose recordings the store has been told to prepare.

        Raises:
            DataError: there is no track; or no track has anything to mix; or two channels are wanted of a recording
                that has more.
        """
        _require_mixtures(tracks, config)
        residual = (RESIDUAL,) if any(track.has_residual for track in tracks) else ()
        self.tracks = tuple(tracks)
        self.stem_names = (*stem_names, *residual)
        """What the stems of a batch are, in their order."""
        self.channels = config.channels
        self._raw_channels = min(2, max(track.channels for track in tracks))
        self._spans = SpanReader(store, samples=config.chunk_samples)
        self.draw = Draw(
            seed=seed,
            lengths=[track.samples_at(config.sample_rate) for track in tracks],
            having=[_having(tracks, name) for name in self.stem_names],
            chunk_samples=config.chunk_samples,
            random_mix=config.random_mix,
            augment=config.augment,
        )

    def __getitem__(self, key: tuple[int, int]) -> Chunk:
        """The chunk of that epoch and index.

        Raises:
            DataError: a recording cannot be read any more.
        """
        plan = self.draw(*key)
        places = zip(self.stem_names, plan.tracks, plan.starts, strict=True)
        spans = [self._spans.read(self.tracks[track], name, start) for name, track, start in places]
        samples, scale = _stack(spans, self._spans.samples, self._raw_channels)
        return Chunk(samples, scale, plan, self.channels)


def _stack(
    spans: Sequence[Span | None], samples: int, channels: int
) -> tuple[Shaped[ndarray, "S T C"], Float[ndarray, " S"]]:
    """The spans in one array: as int16 with a scale for each where all are int16, else as audio with scale 1."""
    short = all(span is None or span.is_short for span in spans)
    stacked = np.zeros((len(spans), samples, channels), np.int16 if short else np.float32)
    scale = np.ones(len(spans), np.float32)
    for row, span in enumerate(spans):
        if span is None:
            continue
        place = slice(span.offset, span.offset + len(span.samples))
        if short:
            stacked[row, place] = span.samples
            scale[row] = span.scale
        else:
            np.multiply(
                span.samples, np.float32(span.scale), out=stacked[row, place], casting="same_kind"
            )
    return stacked, scale


def collate(chunks: Sequence[Chunk]) -> ChunkBatch:
    """Chunks as one batch, which is int16 if all of them are."""
    short = all(chunk.samples.dtype == np.int16 for chunk in chunks)
    if short:
        samples = np.stack([chunk.samples for chunk in chunks])
        scale = np.stack([chunk.scale for chunk in chunks])
    else:
        samples = np.stack([chunk.samples * chunk.scale[:, None, None] for chunk in chunks])
        scale = np.ones(samples.shape[:2], np.float32)
    return ChunkBatch(
        torch.from_numpy(samples).transpose(2, 3),
        torch.from_numpy(scale),
        {
            name: torch.tensor([chunk.plan.augmentation[name] for chunk in chunks])
            for name in chunks[0].plan.augmentation
        },
        chunks[0].channels,
    )


def _having(tracks: Sequence[Track], name: str) -> Sequence[int]:
    """Numbers of the tracks with a stem; of all, where it will be silence, if none has it."""
    having = [
        number
        for number, track in enumerate(tracks)
        if name in track.stems or (name == RESIDUAL and track.has_residual)
    ]
    if not having:
        logger.warning("no training track has the stem %s: it is silence throughout", name)
    return having or range(len(tracks))


def _require_mixtures(tracks: Sequence[Track], config: DataConfig) -> None:
    if not tracks:
        raise DataError(
            "no track is left to train on, 0 of them: hold fewer out for validation and testing"
        )
    if config.random_mix == 0 and not any(
        track.has_residual or len(track.stems) > 1 for track in tracks
    ):
        raise DataError(
            f"each of the {len(tracks)} training tracks has one stem and no mixture, so that there is nothing to "
            "separate it from: add further stems or a mixture, or mix different tracks with --random-mix 1"
        )
    if config.channels == 2:
        for recording in (recording for track in tracks for recording in track.recordings):
            if recording.info.channels > 2:
                raise DataError(
                    f"{recording.path} has {recording.info.channels} channels and two are wanted: "
                    "average them with --mono, or convert the file to stereo"
                )
