"""Files that break while training runs: named, replaced by other chunks, and never silently wrong."""

import os
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch

from auralflow.datasets.chunks import ChunkDataset
from auralflow.datasets.config import DataConfig
from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.loader import ChunkLoader
from auralflow.datasets.loading import load_chunks, make_store
from auralflow.datasets.sampler import ChunkSampler
from auralflow.errors import DataError
from tests.datasets.music import RATE, noise, write


def settings(store: Literal["on", "off"]) -> DataConfig:
    return DataConfig(sample_rate=RATE, chunk_size=0.5, mono=False, store=store)


def chunks_of(root: Path, *, store: Literal["on", "off"] = "on") -> ChunkDataset:
    config = settings(store)
    dataset = open_dataset(root)
    kept = make_store(config)
    assert kept.prepare([part for track in dataset.tracks for part in track.recordings]) == {}
    return load_chunks(dataset.tracks, kept, config, stem_names=dataset.stem_names)


@pytest.fixture(params=["wav", "flac"])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Six songs, each of which has noise of its own."""
    for number in range(6):
        for seed, stem in enumerate(("bass", "vocals")):
            audio = noise(2, seed=10 * number + seed)
            write(tmp_path / "data" / str(number) / f"{stem}.{request.param}", audio)
    return tmp_path / "data"


def break_song(data: Path, number: int) -> Path:
    path = next((data / str(number)).glob("vocals.*"))
    os.truncate(path, path.stat().st_size // 3)
    return path


def test_another_chunk_is_in_the_place_of_one_that_cannot_be_read(data):
    chunks = chunks_of(data, store="off")
    broken = break_song(data, 2)
    hit = [index for index in range(60) if chunks.draw(0, index).tracks[0] == 2]
    assert hit
    for index in hit:
        batch = chunks[0, index]
        assert any(str(broken) in reason for reason in batch.broken.values())
        assert torch.isfinite(batch.stems()).all()
        attempt = next(n for n in range(1, 16) if chunks.draw(0, index, attempt=n).tracks[0] != 2)
        plan = chunks.draw(0, index, attempt=attempt)
        song, start = plan.tracks[0], plan.starts[0]
        expected = noise(2, seed=10 * song)[:, start : start + RATE // 2]
        np.testing.assert_allclose(batch.stems()[0, 0].numpy(), expected, atol=1e-6)


def test_chunks_of_whole_files_are_what_they_were(data):
    chunks = chunks_of(data, store="off")
    before = {index: chunks[0, index].stems() for index in range(20)}
    plans = {index: chunks.draw(0, index) for index in range(20)}
    break_song(data, 2)
    again = chunks_of_same(chunks, store="off")
    for index, plan in plans.items():
        if plan.tracks[0] != 2:
            assert torch.equal(again[0, index].stems(), before[index])


def chunks_of_same(chunks: ChunkDataset, *, store: Literal["on", "off"] = "on") -> ChunkDataset:
    """The dataset as it was looked into, with nothing open."""
    config = settings(store)
    return load_chunks(chunks.tracks, make_store(config), config, stem_names=chunks.stem_names)


def test_what_is_decoded_already_does_not_break(tmp_path):
    for seed, stem in enumerate(("bass", "vocals")):
        write(tmp_path / "data" / "0" / f"{stem}.flac", noise(2, seed=seed))
    chunks = chunks_of(tmp_path / "data")
    before = chunks[0, 0].stems()
    break_song(tmp_path / "data", 0)
    after = chunks_of_same(chunks)[0, 0]
    assert after.broken == {}
    assert torch.equal(after.stems(), before)


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_report_what_broke(data, workers):
    chunks = chunks_of(data, store="off")
    broken = break_song(data, 2)
    loader = ChunkLoader(chunks.stems, ChunkSampler(40, 4), workers=workers)
    reported = {reason for batch in loader for reason in batch.broken.values()}
    assert any(str(broken) in reason for reason in reported)


@pytest.mark.parametrize("workers", [0, 1])
def test_where_nothing_can_be_read_any_more_it_is_said(data, workers):
    chunks = chunks_of(data, store="off")
    for number in range(6):
        break_song(data, number)
    loader = ChunkLoader(chunks.stems, ChunkSampler(20, 20), workers=workers)
    with pytest.raises(DataError, match=r"^no chunk can be read any more, 16 were tried.*vocals"):
        list(loader)
