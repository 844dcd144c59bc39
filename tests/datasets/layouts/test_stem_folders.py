"""Recordings sorted by stem, which never sounded together."""

import numpy as np
import pytest

from auralflow.datasets.config import DataConfig
from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.loading import load_chunks, make_store
from auralflow.datasets.split import split_dataset
from auralflow.errors import DataError
from tests.datasets.music import RATE, noise, write, write_track


def test_each_recording_is_a_track_of_one_stem(tmp_path):
    write(tmp_path / "vocals" / "anna.wav", noise(0.5, seed=1))
    write(tmp_path / "vocals" / "live" / "2019" / "ben.flac", noise(0.5, seed=2))
    write(tmp_path / "Drums" / "loop.wav", noise(0.5, seed=3))
    dataset = open_dataset(tmp_path)
    assert dataset.layout == "stem-folders"
    assert [(track.name, list(track.stems)) for track in dataset.tracks] == [
        ("Drums - loop", ["drums"]),
        ("vocals - anna", ["vocals"]),
        ("vocals - live - 2019 - ben", ["vocals"]),
    ]
    assert all(track.plays_alone for track in dataset.tracks)


def test_every_chunk_mixes_recordings_at_random_and_none_is_held_out(tmp_path):
    vocals, drums = noise(0.5, seed=1), noise(0.5, seed=2)
    write(tmp_path / "vocals" / "anna.wav", vocals)
    write(tmp_path / "drums" / "loop.wav", drums)
    config = DataConfig(sample_rate=RATE, chunk_size=0.5, mono=False)
    dataset = open_dataset(tmp_path)
    train, valid = split_dataset(dataset, config)
    assert (len(train), valid) == (2, ())
    chunks = load_chunks(train, make_store(config), config, stem_names=dataset.stem_names)
    np.testing.assert_array_equal(chunks[0, 0].stems()[0].numpy(), np.stack([drums, vocals]))


def test_songs_named_after_stems_are_songs(tmp_path):
    for song in ("bass", "drums"):
        write_track(tmp_path / song, "vocals", "other", "mixture")
    dataset = open_dataset(tmp_path)
    assert dataset.layout == "folders"
    assert [track.name for track in dataset.tracks] == ["bass", "drums"]


def test_folders_of_any_name_are_stems_where_the_layout_is_asked_for(tmp_path):
    write(tmp_path / "sitar" / "a.wav", noise(0.5))
    write(tmp_path / "tabla" / "b.wav", noise(0.5))
    assert open_dataset(tmp_path, layout="stem-folders").stem_names == ("sitar", "tabla")
    assert open_dataset(tmp_path).layout == "folders"


def test_one_stem_alone_has_nothing_to_be_mixed_with(tmp_path):
    write(tmp_path / "vocals" / "a.wav", noise(0.5))
    with pytest.raises(DataError, match="have only vocals and no mixture"):
        open_dataset(tmp_path, layout="stem-folders")
