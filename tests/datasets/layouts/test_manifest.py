"""Lists of recordings, in CSV and JSON lines."""

import json
from pathlib import Path

import numpy as np
import pytest

from auralflow.datasets.config import DataConfig
from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.loading import load_chunks, make_store
from auralflow.datasets.reading import track_blocks
from auralflow.errors import DataError
from tests.datasets.music import RATE, noise, write


@pytest.fixture
def music(tmp_path: Path) -> Path:
    write(tmp_path / "takes" / "voice.wav", noise(2, seed=1))
    write(tmp_path / "takes" / "band.flac", noise(2, seed=2))
    write(tmp_path / "takes" / "choir.wav", noise(2, seed=3))
    return tmp_path


def csv(folder: Path, *lines: str, head: str = "track,stem,path,start,end") -> Path:
    path = folder / "songs.csv"
    path.write_text("\n".join([head, *lines]), encoding="utf-8")
    return path


def test_rows_become_tracks_and_excerpts_are_cut(music):
    path = csv(
        music,
        "First,vocals,takes/voice.wav,0.5,1.5",
        "First,band,takes/band.flac,0.25,1.25",
        "Second,vocals,takes/voice.wav,,",
        f"Second,band,{music / 'takes' / 'band.flac'},1,",
    )
    dataset = open_dataset(path)
    assert dataset.layout == "manifest"
    first, second = dataset.tracks
    assert (first.samples, second.samples) == (RATE, 2 * RATE)
    ((_, stems),) = track_blocks(first, ["vocals", "band"], block_samples=2 * RATE)
    voice, band = noise(2, seed=1), noise(2, seed=2)
    np.testing.assert_allclose(
        stems,
        np.stack([voice[:, 4000:12000], band[:, 2000:10000]]),
        atol=1e-6,
    )


@pytest.mark.parametrize("store", ["on", "off"])
def test_chunks_of_excerpts_are_cut_from_them(music, store):
    path = csv(
        music,
        "First,vocals,takes/voice.wav,0.5,1.0",
        "First,band,takes/band.flac,1.5,2.0",
    )
    config = DataConfig(sample_rate=RATE, chunk_size=0.5, mono=False, store=store)
    dataset = open_dataset(path)
    kept = make_store(config)
    assert kept.prepare([part for track in dataset.tracks for part in track.recordings]) == {}
    chunks = load_chunks(dataset.tracks, kept, config, stem_names=dataset.stem_names)
    expected = np.stack([noise(2, seed=2)[:, 12000:], noise(2, seed=1)[:, 4000:8000]])
    np.testing.assert_allclose(chunks[0, 0].stems()[0].numpy(), expected, atol=1e-6)


def test_json_lines_say_the_same(music):
    rows = [
        {"track": "A", "stem": "vocals", "path": "takes/voice.wav", "end": 1, "split": "test"},
        {"track": "A", "stem": "Vocals", "path": "takes/choir.wav", "end": 1, "split": "test"},
        {"track": "A", "stem": "band", "path": "takes/band.flac", "end": 1, "split": "test"},
        {"track": "B", "stem": "vocals", "path": "takes/voice.wav"},
        {"track": "B", "stem": "mixture", "path": "takes/band.flac"},
    ]
    path = music / "songs.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    dataset = open_dataset(path)
    assert {
        split: [track.name for track in tracks] for split, tracks in dataset.splits.items()
    } == {
        "test": ["A"],
        "train": ["B"],
    }
    ((_, stems),) = track_blocks(dataset.splits["test"][0], ["vocals"], block_samples=RATE)
    np.testing.assert_allclose(
        stems[0], noise(2, seed=1)[:, :RATE] + noise(2, seed=3)[:, :RATE], atol=1e-6
    )
    assert dataset.splits["train"][0].has_residual


def test_a_folder_with_a_manifest_in_it_is_that_dataset(music):
    csv(music, "A,vocals,takes/voice.wav", "A,band,takes/band.flac", head="track,stem,path").rename(
        music / "manifest.csv"
    )
    assert open_dataset(music).layout == "manifest"


@pytest.mark.parametrize(
    ("lines", "head", "message"),
    [
        (["A,vocals"], "track,stem", r"no column path, and found track, stem"),
        (["A,vocals,x.wav,1"], "track,stem,path,begin", r"column begin, which means nothing here"),
        (["A,,x.wav,,"], "track,stem,path,start,end", r"line 2 has no stem"),
        (["A,vocals,takes/voice.wav,x,"], "track,stem,path,start,end", r"line 2 has start x"),
        (["A,vocals,takes/voice.wav,2,1"], "track,stem,path,start,end", r"end must be later"),
        (["A,vocals,takes/voice.wav,1,2,3"], "track,stem,path,start,end", r"more fields than columns"),
        (["A,vocals,takes/voice.wav,nan,"], "track,stem,path,start,end", r"start nan"),
        (["A,vocals,v.wav,maybe"], "track,stem,path,split", r"split maybe: choose train, valid or test"),
        ([], "track,stem,path", r"lists no recordings"),
        (["A,vocals,takes/gone.wav"], "track,stem,path", r"gone\.wav"),
        (["A,vocals,takes/voice.wav,1,9"], "track,stem,path,start,end", r"lasts 2\.000 s, and an excerpt from 1\.0 to 9\.0 s"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(music, lines, head, message):
    with pytest.raises(DataError, match=message):
        open_dataset(csv(music, *lines, head=head))


def test_a_track_is_in_one_split_only(music):
    path = csv(
        music,
        "A,vocals,takes/voice.wav,train",
        "A,band,takes/band.flac,test",
        head="track,stem,path,split",
    )
    with pytest.raises(DataError, match="line 3 puts A into test, an earlier line into train"):
        open_dataset(path)


def test_a_layout_that_is_none_is_answered_with_the_nearest(music):
    with pytest.raises(DataError, match=r"moises is no layout \(did you mean moisesdb\?\)"):
        open_dataset(music, layout="moises")
