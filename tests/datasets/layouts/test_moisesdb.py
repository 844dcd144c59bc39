"""MoisesDB as its archive unpacks: a folder with an identifier a song, several recordings a stem."""

import json
from pathlib import Path

import numpy as np
import pytest

from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.reading import track_blocks
from auralflow.errors import DataError
from tests.datasets.music import noise, write


def write_song(folder: Path, *, song: str = "Song", **stems: int) -> Path:
    """A song with so many takes of each stem; the noise of each take has a seed of its own."""
    entries = []
    seed = 0
    for stem, takes in stems.items():
        ids = [f"{stem}-{number}" for number in range(takes)]
        for take in ids:
            write(folder / stem / f"{take}.wav", noise(0.5, seed=seed))
            seed += 1
        tracks = [
            {"id": take, "trackType": stem, "has_bleed": False, "extension": "wav"} for take in ids
        ]
        entries.append({"id": f"id of {stem}", "stemName": stem, "tracks": tracks})
    content = {"song": song, "artist": "Someone", "genre": "rock", "stems": entries}
    (folder / "data.json").write_text(json.dumps(content))
    return folder


def test_a_stem_is_the_sum_of_its_recordings(tmp_path):
    write_song(tmp_path / "0a1b", vocals=2, drums=3, other_keys=1)
    dataset = open_dataset(tmp_path)
    assert dataset.layout == "moisesdb"
    (track,) = dataset.tracks
    assert track.name == "Someone - Song"
    assert {name: len(parts) for name, parts in track.stems.items()} == {
        "drums": 3,
        "other_keys": 1,
        "vocals": 2,
    }
    ((mixture, stems),) = track_blocks(track, ["vocals", "drums"], block_samples=10_000)
    vocals = noise(0.5, seed=0) + noise(0.5, seed=1)
    drums = sum(noise(0.5, seed=seed) for seed in (2, 3, 4))
    np.testing.assert_allclose(stems, np.stack([vocals, drums]), atol=1e-6)
    np.testing.assert_allclose(mixture, vocals + drums + noise(0.5, seed=5), atol=1e-6)


def test_the_taxonomy_is_mapped_to_targets_by_a_key(tmp_path):
    write_song(tmp_path / "a", song="One", vocals=1, guitar=2, piano=1, bass=1)
    write_song(tmp_path / "b", song="Two", vocals=1, wind=1)
    dataset = open_dataset(tmp_path, stems={"other": ("guitar", "piano", "wind")})
    assert dataset.stem_names == ("bass", "other", "vocals")
    assert dataset.sums == {}
    assert [len(track.stems["other"]) for track in dataset.tracks] == [3, 1]


def test_songs_of_one_name_are_told_apart(tmp_path):
    for folder in ("a", "b"):
        write_song(tmp_path / folder, vocals=1, bass=1)
    names = [track.name for track in open_dataset(tmp_path).tracks]
    assert names == ["Someone - Song (a)", "Someone - Song (b)"]


@pytest.mark.parametrize("content", ["", "{}", '{"stems": [{"id": 1}]}', "[1]", "\xff"])
def test_a_list_that_is_none_is_named(tmp_path, content):
    write_song(tmp_path / "a", vocals=1, bass=1)
    (tmp_path / "a" / "data.json").write_text(content, encoding="latin-1")
    with pytest.raises(DataError, match=r"a/data\.json is not a list of stems as MoisesDB has it"):
        open_dataset(tmp_path)


def test_a_recording_that_is_listed_and_missing_is_named(tmp_path):
    write_song(tmp_path / "a", vocals=2, bass=1)
    (tmp_path / "a" / "vocals" / "vocals-1.wav").unlink()
    with pytest.raises(DataError, match=r"vocals-1\.wav"):
        open_dataset(tmp_path)
