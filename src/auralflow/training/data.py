"""The dataset as a training run sees it: chunks to learn from, whole tracks to validate on."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from auralflow.audio import AudioReader
from auralflow.augment.options import wanted_numbers
from auralflow.datasets.batches import ChunkBatch, StemBatch
from auralflow.datasets.chunks import ChunkDataset
from auralflow.datasets.config import DataConfig
from auralflow.datasets.loader import ChunkLoader
from auralflow.datasets.loading import load_chunks, make_store
from auralflow.datasets.sampler import ChunkSampler
from auralflow.datasets.sources import names_of, open_data
from auralflow.datasets.split import split_dataset
from auralflow.datasets.store import Store
from auralflow.datasets.targets import parse_targets
from auralflow.datasets.tracks import Dataset, Recording, Track
from auralflow.errors import AudioError, DataError
from auralflow.settings import Settings, TrainConfig
from auralflow.settings.data import DataSettings
from auralflow.training.hearing import load_stems

__all__ = [
    "ChunkData",
    "TrainingTracks",
    "find_tracks",
    "make_chunks",
    "prepare_store",
    "readable_tracks",
]

log = logging.getLogger(__name__)

_SHOWN = 5
_BLOCK_SAMPLES = 1 << 18

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class TrainingTracks:
    """What a dataset gives one run."""

    dataset: Dataset
    targets: tuple[str, ...]
    train: tuple[Track, ...]
    valid: tuple[Track, ...]

    @property
    def names(self) -> dict[str, list[str]]:
        """Names of the tracks, by what they are for."""
        return {
            "train": [track.name for track in self.train],
            "valid": [track.name for track in self.valid],
        }


def find_tracks(data: str | Path | Sequence[str | Path], config: DataConfig) -> TrainingTracks:
    """Open a dataset, find the targets in it, and hold tracks out for validation.

    Raises `DataError` for a folder without usable tracks and for targets it does not have.
    """
    dataset = open_data(data, config)
    targets = parse_targets(config.targets, dataset.target_names)
    train, valid = split_dataset(dataset, config)
    if not train:
        raise DataError(
            f"{names_of(data)} has no tracks to train on ({len(valid)} are held out): add tracks, or hold fewer out"
        )
    return TrainingTracks(dataset, targets, train, valid)


def prepare_store(
    tracks: Sequence[Track], config: DataConfig, *, progress: Progress | None = None
) -> tuple[Store, tuple[Track, ...]]:
    """Decode what must be decoded; return the store and the tracks that can be used.

    What that takes is told before it begins. Raises `DataError` if a file cannot be decoded, unless `skip-broken` is set:
    then its track is left out.
    """
    store = make_store(config)
    recordings: list[Recording] = [entry for track in tracks for entry in track.recordings]
    work = store.work(recordings)
    if work.bytes:
        log.info(
            "Decoding %d recordings, %.1f hours, once: %.2f GB in %s",
            work.recordings,
            work.seconds / 3600,
            work.bytes / 1e9,
            store.folder,
        )
    failures = store.prepare(recordings, workers=os.cpu_count() or 1, progress=progress)
    usable = _without_broken(tracks, failures, config)
    if not usable:
        raise DataError("no track is left whose files can be decoded: replace the files")
    return store, usable


def make_chunks(tracks: TrainingTracks, store: Store, settings: Settings) -> ChunkDataset:
    """The chunks that a run with these settings draws from its training tracks."""
    augment = settings.data.augment
    return load_chunks(
        tracks.train,
        store,
        settings.data,
        stem_names=tracks.dataset.stem_names,
        targets=tracks.targets,
        weights=tracks.dataset.weights,
        seed=settings.train.seed,
        numbers=wanted_numbers(augment),
        samples=augment.samples_to_read(settings.data.chunk_samples),
    )


def readable_tracks(tracks: Sequence[Track], config: DataConfig) -> tuple[Track, ...]:
    """The tracks whose every file can be read to its end, so that no validation fails when hours are spent.

    Raises `DataError` if a file cannot be read, unless `skip-broken` is set: then its track is left out.
    """
    recordings = [entry for track in tracks for entry in track.recordings]

    def look(recording: Recording) -> AudioError | None:
        try:
            with AudioReader(
                recording.path, stream=recording.stream, backend=config.backend
            ) as reader:
                for _ in reader.blocks(_BLOCK_SAMPLES):
                    pass
        except AudioError as error:
            return error
        return None

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        answers = zip(recordings, pool.map(look, recordings), strict=True)
        failures = {entry: error for entry, error in answers if error is not None}
    return _without_broken(tracks, failures, config)


def _without_broken(
    tracks: Sequence[Track], failures: Mapping[Recording, AudioError], config: DataConfig
) -> tuple[Track, ...]:
    """The tracks that have none of the failures; raises `DataError` if there are failures and `skip-broken` is off."""
    # By path, so that a damaged container is named once and not for each of its streams.
    named = list({entry.path: str(error) for entry, error in failures.items()}.values())
    if named and not config.skip_broken:
        if len(named) == 1:
            raise DataError(f"{named[0]} (pass --skip-broken to leave such tracks out)")
        lines = [f"  - {reason}" for reason in named[:_SHOWN]]
        if len(named) > _SHOWN:
            lines.append(f"  and {len(named) - _SHOWN} more")
        raise DataError(
            f"{len(named)} files cannot be decoded (pass --skip-broken to leave such tracks out):\n"
            + "\n".join(lines)
        )
    usable = tuple(
        track for track in tracks if not any(entry in failures for entry in track.recordings)
    )
    if named:
        log.warning(
            "Left out %d tracks with files that cannot be decoded: %s",
            len(tracks) - len(usable),
            "; ".join(named[:_SHOWN]),
        )
    return usable


class ChunkData(pl.LightningDataModule):
    """Loaders for Lightning. What an epoch holds depends on the seed and the step alone."""

    def __init__(
        self, settings: Settings, chunks: ChunkDataset, valid: Sequence[Track], *, on_gpu: bool
    ) -> None:
        super().__init__()
        self._data: DataSettings = settings.data
        self._train: TrainConfig = settings.train
        self._chunks = chunks
        self._valid = list(valid)
        self._on_gpu = on_gpu

    def train_dataloader(self) -> ChunkLoader[Any]:
        """Chunks from where the run stands: at the start, or within the epoch it is resumed in."""
        trainer = _trainer_of(self)
        sampler = ChunkSampler(
            self._data.load_size,
            self._train.batch_size,
            rank=trainer.global_rank,
            world_size=trainer.world_size,
        )
        # Resumed within an epoch, not all of its batches are left, and none where only its validation is to be made. After a
        # whole one Lightning announces the next.
        done = trainer.fit_loop.epoch_loop.batch_progress.current.ready
        sampler.set_position(trainer.current_epoch, min(done, sampler.steps))
        workers = min(self._train.workers, os.cpu_count() or 1)
        if not self._on_gpu:
            return load_stems(self._chunks, self._data.augment, sampler, workers=workers)
        load = partial(self._chunks.read, is_pinned=self._train.pin_mem)
        return ChunkLoader(load, sampler, workers=workers)

    def val_dataloader(self) -> DataLoader[Any]:
        """Whole tracks, shared out among the ranks; those that have one less than others get a None in its place."""
        trainer = _trainer_of(self)
        mine: list[Track | None] = list(self._valid[trainer.global_rank :: trainer.world_size])
        # Each rank takes part in what all do after a validation, also where there are fewer tracks than ranks.
        mine += [None] * (-(-len(self._valid) // trainer.world_size) - len(mine))
        return DataLoader(mine, batch_size=None, num_workers=0)  # type: ignore[arg-type]  # a list is a dataset

    def transfer_batch_to_device(
        self,
        batch: ChunkBatch | StemBatch | Track | None,
        device: torch.device,
        dataloader_idx: int,
    ) -> ChunkBatch | StemBatch | Track | None:
        """Raw chunks go to the device; those for the CPU are there, and a track is a list of files and stays."""
        return batch.to(device, non_blocking=True) if isinstance(batch, ChunkBatch) else batch


def _trainer_of(data: pl.LightningDataModule) -> pl.Trainer:
    if data.trainer is None:
        raise RuntimeError("loaders are made by a trainer")
    return data.trainer
