"""Chunks against the files they were cut from."""

from pathlib import Path

import numpy as np
import pytest
import torch

from auralflow.audio import AudioInfo
from auralflow.datasets.chunks import ChunkDataset
from auralflow.datasets.config import DataConfig
from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.loader import ChunkLoader
from auralflow.datasets.loading import load_chunks, make_store
from auralflow.datasets.sampler import ChunkSampler
from auralflow.datasets.store import Store
from auralflow.datasets.tracks import Recording, Track
from auralflow.errors import DataError
from tests.datasets.music import RATE, noise, write


def config(**changes) -> DataConfig:
    keys = {"sample_rate": RATE, "chunk_size": 0.5, "window_size": 64, "hop_length": 32}
    return DataConfig(**{**keys, **changes})


def chunks_of(
    root: Path, *, settings: DataConfig | None = None, seed: int = 0, **options
) -> ChunkDataset:
    settings = settings or config()
    dataset = open_dataset(root, stems=settings.stems, targets=settings.targets)
    store = make_store(settings)
    assert store.prepare([entry for track in dataset.tracks for entry in track.recordings]) == {}
    return load_chunks(
        dataset.tracks, store, settings, stem_names=dataset.stem_names, seed=seed, **options
    )


def heard(chunks: ChunkDataset, key: tuple[int, int] = (0, 0)) -> np.ndarray:
    """The stems of one chunk, (stems, channels, samples)."""
    stems: np.ndarray = chunks[key].stems()[0].numpy()
    return stems


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_a_chunk_is_that_slice_of_its_files(data, ending):
    audio = {stem: noise(2, seed=seed) for seed, stem in enumerate(("bass", "vocals"))}
    for stem, samples in audio.items():
        write(data / "a" / f"{stem}.{ending}", samples)
    chunks = chunks_of(data, settings=config(mono=False))
    for index in range(5):
        chunk = chunks[2, index]
        (start, _) = chunks.draw(2, index).starts
        stems = chunk.stems()
        expected = np.stack(
            [audio[stem][:, start : start + RATE // 2] for stem in chunks.stem_names]
        )
        assert chunk.samples.dtype == torch.int16
        # 16-bit samples times a power of two: exact in float32.
        np.testing.assert_array_equal(stems[0].numpy(), expected)


def test_mono_averages_the_channels(data):
    audio = noise(1)
    for stem in ("bass", "vocals"):
        write(data / "a" / f"{stem}.wav", audio)
    chunks = chunks_of(data)
    stems = chunks[0, 0].stems()
    assert stems.shape == (1, 2, 1, RATE // 2)
    start = chunks.draw(0, 0).starts[0]
    np.testing.assert_allclose(
        stems[0, 1], audio.mean(axis=0, keepdims=True)[:, start : start + RATE // 2], atol=1e-7
    )
    assert chunks.stem_names == ("bass", "vocals")


@pytest.mark.parametrize("mono", [True, False])
def test_mono_beside_stereo_sounds_in_the_middle(data, mono):
    bass, vocals = noise(0.5, channels=1), noise(0.5, seed=1)
    write(data / "a" / "bass.wav", bass)
    write(data / "a" / "vocals.wav", vocals)
    stems = heard(chunks_of(data, settings=config(mono=mono)))
    wanted = [np.repeat(bass, 2, axis=0), vocals]
    if mono:
        wanted = [audio.mean(axis=0, keepdims=True) for audio in wanted]
    np.testing.assert_allclose(stems, np.stack(wanted), atol=1e-7)


def test_mono_files_alone_give_two_channels_where_they_are_wanted(data):
    for seed, stem in enumerate(("bass", "vocals")):
        write(data / "a" / f"{stem}.wav", noise(0.5, channels=1, seed=seed))
    batch = chunks_of(data, settings=config(mono=False))[0, 0]
    assert batch.samples.shape[1] == 1
    stems = batch.stems()
    assert stems.shape[2] == 2
    assert torch.equal(stems[:, :, 0], stems[:, :, 1])


def test_what_a_track_lacks_or_ends_early_with_is_silence(data):
    write(data / "a" / "bass.wav", noise(0.5))
    write(data / "a" / "vocals.wav", short := noise(0.2, seed=1))
    write(data / "b" / "drums.wav", noise(0.5, seed=2))
    write(data / "b" / "vocals.wav", noise(0.5, seed=3))
    chunks = chunks_of(data, settings=config(mono=False))
    assert chunks.stem_names == ("bass", "drums", "vocals")
    by_track = {chunks.draw(0, index).tracks[0]: (0, index) for index in range(20)}
    assert len(chunks[by_track[0]].samples) == 2  # drums have no row
    _, drums, vocals = heard(chunks, by_track[0])
    assert not drums.any()
    np.testing.assert_array_equal(vocals[:, : short.shape[1]], short)
    assert not vocals[:, short.shape[1] :].any()
    bass, *_ = heard(chunks, by_track[1])
    assert not bass.any()


def test_a_track_shorter_than_a_chunk_lies_whole_in_silence(data):
    audio = noise(0.3)
    for stem in ("bass", "vocals"):
        write(data / "a" / f"{stem}.wav", audio)
    chunks = chunks_of(data, settings=config(mono=False))
    offset = -chunks.draw(0, 0).starts[0]
    assert offset > 0
    found = heard(chunks)[0]
    np.testing.assert_array_equal(found[:, offset : offset + audio.shape[1]], audio)
    assert not found[:, :offset].any()
    assert not found[:, offset + audio.shape[1] :].any()


def test_one_stem_with_a_mixture_gets_the_rest_as_a_stem_of_its_own(data):
    vocals, rest = noise(1), noise(1, seed=1)
    write(data / "a" / "vocals.wav", vocals)
    write(data / "a" / "mixture.wav", vocals + rest)
    chunks = chunks_of(data, settings=config(mono=False))
    assert chunks.stem_names == ("vocals", "residual")
    stems = heard(chunks)
    start = chunks.draw(0, 0).starts[0]
    place = slice(start, start + RATE // 2)
    np.testing.assert_allclose(stems[0], vocals[:, place], atol=1e-7)
    np.testing.assert_allclose(stems[1], rest[:, place], atol=1e-6)


def test_a_residual_may_be_mixed_with_the_stems_of_another_track(data):
    for number in range(2):
        write(data / str(number) / "vocals.wav", noise(0.5, seed=number))
        write(data / str(number) / "mixture.wav", noise(0.5, seed=number + 10))
    chunks = chunks_of(data, settings=config(mono=False, random_mix=1.0))
    index = next(index for index in range(50) if chunks.draw(0, index).tracks == (0, 1))
    stems = heard(chunks, (0, index))
    np.testing.assert_allclose(stems[0], noise(0.5), atol=1e-7)
    np.testing.assert_allclose(stems[1], noise(0.5, seed=11) - noise(0.5, seed=1), atol=1e-6)


def test_integer_and_float_files_share_a_batch(data):
    audio = {"bass": noise(0.5), "vocals": noise(0.5, seed=1)}
    write(data / "a" / "bass.wav", audio["bass"], subtype="PCM_16")
    write(data / "a" / "vocals.wav", audio["vocals"], subtype="FLOAT")
    for stem, samples in audio.items():
        write(data / "b" / f"{stem}.wav", samples, subtype="PCM_16")
    chunks = chunks_of(data, settings=config(mono=False))
    keys = [(0, index) for index in range(12)]
    assert {chunks[key].samples.dtype for key in keys} == {torch.int16, torch.float32}
    expected = np.broadcast_to(np.stack(list(audio.values())), (12, 2, 2, RATE // 2))
    np.testing.assert_allclose(chunks.read(keys).stems().numpy(), expected, atol=1e-7)


def test_other_rates_are_brought_to_the_networks(data):
    time = np.arange(RATE * 2) / (2 * RATE)
    tone = 0.5 * np.sin(2 * np.pi * 440 * time)[None].astype(np.float32)
    for stem in ("bass", "vocals"):
        write(data / "a" / f"{stem}.wav", tone, rate=2 * RATE)
    chunks = chunks_of(data)
    start = chunks.draw(0, 0).starts[0]
    expected = 0.5 * np.sin(2 * np.pi * 440 * (np.arange(RATE // 2) + start) / RATE)
    found = heard(chunks)[0, 0]
    # The resampler rings where the tone starts and stops; 16-bit rounding is 3e-5.
    np.testing.assert_allclose(found[400:-400], expected[400:-400], atol=2e-3)


def test_surround_can_be_averaged_and_not_be_had_in_stereo(data):
    audio = noise(0.5, channels=6)
    for stem in ("bass", "vocals"):
        write(data / "a" / f"{stem}.wav", audio)
    stems = heard(chunks_of(data))
    np.testing.assert_allclose(stems[0, 0], audio.mean(axis=0), atol=1e-6)
    with pytest.raises(DataError, match=r"bass\.wav has 6 channels and two are wanted.*--mono"):
        chunks_of(data, settings=config(mono=False))


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_the_number_of_workers_changes_nothing(data, workers):
    for seed, stem in enumerate(("bass", "vocals")):
        write(data / "a" / f"{stem}.wav", noise(2, seed=seed))
    chunks = chunks_of(data, seed=5, numbers={"gain": 2})
    batches = list(ChunkLoader(chunks.read, ChunkSampler(8, 2), workers=workers))
    assert len(batches) == 4
    for number, batch in enumerate(batches):
        alone = [chunks[0, 2 * number], chunks[0, 2 * number + 1]]
        assert torch.equal(batch.stems(), torch.cat([chunk.stems() for chunk in alone]))
        drawn = torch.cat([chunk.numbers["gain"] for chunk in alone])
        assert torch.equal(batch.numbers["gain"], drawn)
        assert drawn.shape == (2, 2, 2)


def test_threads_that_share_files_and_open_them_in_turn_read_what_one_reads(data, monkeypatch):
    monkeypatch.setattr("auralflow.datasets.spans._OPEN_AT_ONCE", 2)
    for number in range(4):
        for stem in ("bass", "vocals"):
            write(data / f"{number}" / f"{stem}.wav", noise(0.6, seed=number))
    chunks = chunks_of(data, settings=config(mono=False))
    for batch in ChunkLoader(chunks.stems, ChunkSampler(400, 4), workers=4):
        for stems, key in zip(batch.stems, batch.keys, strict=True):
            plan = chunks.draw(*key)
            (start, _) = plan.starts
            audio = noise(0.6, seed=plan.tracks[0])[:, start : start + RATE // 2]
            np.testing.assert_array_equal(stems[0], audio)
            np.testing.assert_array_equal(stems[1], audio)


def test_a_batch_moves_with_its_samples(data):
    for stem in ("bass", "vocals"):
        write(data / "a" / f"{stem}.wav", noise(1))
    moved = chunks_of(data, numbers={"gain": 2, "flip_polarity": 1})[0, 0].to("meta")
    tensors = (moved.samples, moved.scale, moved.places)
    assert all(tensor.device.type == "meta" for tensor in tensors)
    # What they decide must be known without waiting for the device.
    assert all(numbers.device.type == "cpu" for numbers in moved.numbers.values())


def test_making_stems_leaves_the_batch_as_it_is(data):
    for stem in ("bass", "vocals"):
        write(data / "a" / f"{stem}.wav", noise(1), subtype="FLOAT")
    batch = chunks_of(data)[0, 0]
    assert torch.equal(batch.stems(), batch.stems())


def test_a_file_that_vanishes_during_training_is_named(data):
    for stem in ("bass", "vocals"):
        write(data / "a" / f"{stem}.wav", noise(1))
    chunks = chunks_of(data)
    (data / "a" / "vocals.wav").unlink()
    with pytest.raises(DataError, match=r"vocals\.wav cannot be read any more"):
        chunks[0, 0]


def test_more_recordings_than_may_stay_open_can_be_read(data):
    for number in range(40):
        for stem in ("bass", "vocals"):
            write(data / f"{number:02}" / f"{stem}.wav", noise(0.5, seed=number))
    chunks = chunks_of(data, settings=config(mono=False))
    for index in range(200):
        found = heard(chunks, (0, index))[0]
        np.testing.assert_array_equal(found, noise(0.5, seed=chunks.draw(0, index).tracks[0]))


def test_no_track_is_an_error():
    with pytest.raises(DataError, match="no track is left to train on"):
        load_chunks((), Store(sample_rate=RATE), config(), stem_names=("vocals",))


def test_single_stems_can_only_be_mixed_at_random(tmp_path):
    parts = (Recording(tmp_path / "a.wav", None, AudioInfo(RATE, 1, 100)),)
    tracks = [Track("a", {"bass": parts}, None), Track("b", {"vocals": parts}, None)]
    store, names = Store(tmp_path, sample_rate=RATE), ("bass", "vocals")
    with pytest.raises(DataError, match=r"2 training tracks has one stem.*--random-mix 1"):
        load_chunks(tracks, store, config(), stem_names=names)
    load_chunks(tracks, store, config(random_mix=1.0), stem_names=names)


def test_a_stem_that_no_training_track_has_is_said(tmp_path, caplog):
    parts = (Recording(tmp_path / "a.wav", None, AudioInfo(RATE, 1, 100)),)
    track = Track("a", {"bass": parts, "vocals": parts}, None)
    names = ("bass", "drums", "vocals")
    load_chunks([track], Store(tmp_path, sample_rate=RATE), config(), stem_names=names)
    assert "no training track has the stem drums" in caplog.text
