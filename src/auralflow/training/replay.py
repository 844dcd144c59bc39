"""Chunks that a training had, as files to be listened to: those of steps that were skipped, or any others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from auralflow.audio import AudioWriter, Encoding
from auralflow.augment import augment, augment_mixture, mix
from auralflow.errors import DataError
from auralflow.session import find_model, load_settings
from auralflow.session.folder import make_folder
from auralflow.training.data import find_tracks, make_chunks, prepare_store

__all__ = ["Replayed", "replay"]


@dataclass(frozen=True)
class Replayed:
    """One chunk."""

    folder: Path
    epoch: int
    index: int
    tracks: tuple[str, ...]
    """For each stem the track that it comes from."""


def replay(
    model: str | Path,
    *,
    data: str | Path | Sequence[str | Path],
    save: str | Path,
    chunks: Sequence[tuple[int, int]] = (),
) -> list[Replayed]:
    """Write the stems and the mixture of chunks as the network heard them, augmented.

    `chunks` are epochs and indices, both counted from 0; without any, those of the steps that the model's training has
    skipped, going by its `skipped-steps.jsonl`. They depend on the model's settings and the dataset, and are right as long as
    both are what they were.

    Raises `DataError` where nothing was skipped and nothing is asked for.
    """
    folder = find_model(model)
    settings = load_settings(folder)
    wanted = list(chunks) or _skipped(folder.path / "skipped-steps.jsonl")
    tracks = find_tracks(data, settings.data)
    store, usable = prepare_store(tracks.train, settings.data)
    dataset = make_chunks(replace(tracks, train=usable), store, settings)
    config, rate = settings.data, settings.data.sample_rate
    written = []
    for epoch, index in wanted:
        batch = dataset[epoch, index]
        stems = augment(
            batch.stems(),
            batch.numbers,
            config.augment,
            sample_rate=rate,
            samples=config.chunk_samples,
        )
        mixture = augment_mixture(mix(stems), batch.numbers, config.augment, sample_rate=rate)
        place = Path(save).expanduser() / f"epoch {epoch} chunk {index}"
        make_folder(place)
        for name, audio in zip(
            ("mixture", *dataset.stem_names), (mixture[0], *stems[0]), strict=True
        ):
            samples = np.ascontiguousarray(audio.numpy())
            with AudioWriter(
                place / f"{name}.wav",
                sample_rate=rate,
                channels=len(samples),
                encoding=Encoding("wav", 32),
                force=True,
            ) as file:
                file.write(samples)
        plan = dataset.draw(epoch, index)
        names = tuple(dataset.tracks[number].name for number in plan.tracks)
        written.append(Replayed(place, epoch, index, names))
    return written


def _skipped(path: Path) -> list[tuple[int, int]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise DataError(
            f"{path} is not there, so no step was skipped: name chunks with --chunk EPOCH:INDEX"
        ) from None
    keys = [
        (int(epoch), int(index)) for line in lines for epoch, index in json.loads(line)["chunks"]
    ]
    return list(dict.fromkeys(keys))
