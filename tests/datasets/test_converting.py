"""Stems that are converted one by one against those of the whole raw batch, which other tests compare with the files."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from auralflow.datasets.chunks import ChunkDataset
from auralflow.datasets.config import DataConfig
from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.loading import load_chunks, make_store
from tests.datasets.music import RATE, noise, write

KEYS = [(0, index) for index in range(6)]


def chunks_of(root: Path, *, mono: bool) -> ChunkDataset:
    config = DataConfig(sample_rate=RATE, chunk_size=0.5, mono=mono, random_mix=0.5)
    dataset = open_dataset(root)
    store = make_store(config)
    assert store.prepare([part for track in dataset.tracks for part in track.recordings]) == {}
    return load_chunks(dataset.tracks, store, config, stem_names=dataset.stem_names)


def write_interleaved(root: Path) -> None:
    for number in range(2):
        for seed, stem in enumerate(("bass", "drums", "vocals")):
            write(root / str(number) / f"{stem}.wav", noise(2, seed=seed + 3 * number))


def write_decoded(root: Path) -> None:
    for number in range(2):
        for seed, stem in enumerate(("bass", "drums", "vocals")):
            write(root / str(number) / f"{stem}.flac", noise(2, seed=seed + 3 * number))


def write_of_every_kind(root: Path) -> None:
    write(root / "0" / "bass.wav", noise(2))
    write(root / "0" / "drums.flac", noise(2, seed=1))
    write(root / "0" / "vocals.wav", noise(2, channels=1, seed=2))
    write(root / "1" / "bass.wav", noise(0.3, seed=3), subtype="FLOAT")
    write(root / "1" / "drums.flac", noise(0.3, channels=1, seed=4))
    write(root / "2" / "vocals.wav", noise(2, seed=5), subtype="PCM_32")


def write_residuals(root: Path) -> None:
    for number in range(2):
        write(root / str(number) / "vocals.wav", noise(2, seed=number))
        write(root / str(number) / "mixture.flac", noise(2, seed=number + 10))


def give(change, _numbers):
    return change


@pytest.mark.parametrize("mono", [True, False])
@pytest.mark.parametrize(
    "written", [write_interleaved, write_decoded, write_of_every_kind, write_residuals]
)
def test_stems_converted_one_by_one_are_those_of_the_raw_batch(tmp_path, written, mono):
    written(tmp_path)
    chunks = chunks_of(tmp_path, mono=mono)
    generator = torch.Generator().manual_seed(0)
    shape = (len(KEYS), len(chunks.stem_names))
    factors = torch.rand(shape, generator=generator) - 0.5
    swapped = torch.rand(shape, generator=generator) < 0.5
    raw = chunks.read(KEYS)
    changes: list[tuple[torch.Tensor, torch.Tensor | None] | None]
    changes = [None, (factors, None), (factors, swapped)]
    for change in changes:
        room = chunks.room(len(KEYS), is_mixed=True)
        found = chunks.stems(KEYS, ahead=partial(give, change), room=room)
        expected = (raw if change is None else raw.changed(*change)).stems()
        assert torch.equal(found.stems, expected)
        assert found.mixture is not None
        assert found.stems is room[0]
        torch.testing.assert_close(found.mixture, expected.sum(1), rtol=0, atol=1e-6)
    assert chunks.stems(KEYS).mixture is None


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_every_sixteen_bit_word_becomes_the_number_it_stands_for(tmp_path, ending):
    """All 65,536 of them on the left and, in another order, on the right: left never spills over into right."""
    words = np.stack([np.arange(65_536), np.random.default_rng(0).permutation(65_536)]) - 32_768
    for stem in ("bass", "vocals"):
        write(tmp_path / "0" / f"{stem}.{ending}", words / 32_768)
    config = DataConfig(sample_rate=RATE, chunk_size=65_536 / RATE, mono=False)
    dataset = open_dataset(tmp_path)
    chunks = load_chunks(dataset.tracks, make_store(config), config, stem_names=dataset.stem_names)
    (bass, _) = chunks.stems([(0, 0)]).stems[0]
    np.testing.assert_array_equal(bass.numpy(), (words / 32_768).astype(np.float32))
