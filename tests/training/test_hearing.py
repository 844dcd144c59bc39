"""What a network hears on the CPU, where workers convert, is what it hears where the device does."""

from pathlib import Path
from typing import Any

import pytest
import torch

from auralflow.augment import AugmentConfig, wanted_numbers
from auralflow.datasets.chunks import ChunkDataset
from auralflow.datasets.config import DataConfig
from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.loading import load_chunks, make_store
from auralflow.datasets.sampler import ChunkSampler
from auralflow.training.hearing import hear, load_stems

KEYS = [(0, 0), (0, 1), (0, 2)]
HALF = {"probability": 0.5}


def chunks_of(songs: Path, config: AugmentConfig) -> ChunkDataset:
    data = DataConfig(sample_rate=8000, chunk_size=0.5, mono=False, random_mix=1.0)
    dataset = open_dataset(songs)
    return load_chunks(
        dataset.tracks,
        make_store(data),
        data,
        stem_names=dataset.stem_names,
        numbers=wanted_numbers(config),
        samples=config.samples_to_read(data.chunk_samples),
    )


@pytest.mark.parametrize(
    "augment",
    [
        {},
        {"gain": HALF, "swap_channels": HALF, "flip_polarity": HALF},
        {"gain": HALF, "clip_mixture": HALF},
        {"gain": HALF, "drop_stem": HALF},
        {"time_shift": {**HALF, "seconds": 0.1}, "gain": HALF},
    ],
)
def test_both_ways_give_the_same_stems_and_mixture(songs: Path, augment: dict[str, Any]) -> None:
    config = AugmentConfig.model_validate(augment)
    chunks = chunks_of(songs, config)
    raw = chunks.read(KEYS)
    (ready,) = load_stems(chunks, config, ChunkSampler(3, 3), workers=1)
    assert raw.keys == ready.keys == tuple(KEYS)
    stems, mixture = hear(raw, config, sample_rate=8000, samples=4000)
    own_stems, own_mixture = hear(ready, config, sample_rate=8000, samples=4000)
    assert stems.shape == (3, len(chunks.stem_names), 2, 4000)
    assert torch.equal(own_stems, stems)
    torch.testing.assert_close(own_mixture, mixture, rtol=0, atol=1e-6)
