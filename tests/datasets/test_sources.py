"""Several datasets in one training."""

from collections import Counter
from pathlib import Path

import pytest

from auralflow.datasets.config import DataConfig
from auralflow.datasets.loading import load_chunks, make_store
from auralflow.datasets.sources import open_data
from auralflow.errors import ConfigError, DataError
from tests.datasets.music import RATE, noise, write, write_track


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two datasets, the second of which has its band in two stems and a song of the same name."""
    write_track(tmp_path / "one" / "Song", "vocals", "band", seconds=1)
    write_track(tmp_path / "two" / "Song", "vocals", "guitar", "piano", seconds=3)
    write_track(tmp_path / "two" / "Tune", "vocals", "guitar", seconds=3)
    return tmp_path


def describe(folder: Path, text: str) -> Path:
    path = folder / "music.yaml"
    path.write_text(text)
    return path


def test_a_file_describes_several_with_weights_and_stems_of_their_own(two):
    path = describe(
        two,
        "datasets:\n  - path: one\n    weight: 3\n  - path: two\n    stems: {band: [guitar, piano]}\n",
    )
    dataset = open_data(path, DataConfig())
    assert [track.name for track in dataset.tracks] == ["Song (one)", "Song (two)", "Tune"]
    assert dataset.stem_names == ("band", "vocals")
    assert dataset.weights == (3.0, 1.0)
    config = DataConfig(sample_rate=RATE, chunk_size=0.5)
    chunks = load_chunks(
        dataset.tracks,
        make_store(config),
        config,
        stem_names=dataset.stem_names,
        weights=dataset.weights,
    )
    count = Counter(chunks.draw(0, index).tracks[0] for index in range(4000))
    # Three quarters from the first; the second's two tracks are as long. Standard deviation 0.007.
    assert count[0] / 4000 == pytest.approx(0.75, abs=0.03)
    assert count[1] / 4000 == pytest.approx(0.125, abs=0.03)


def test_several_folders_weigh_the_same(two):
    dataset = open_data([two / "one", two / "two"], DataConfig(stems={"band": ("guitar", "piano")}))
    # The first dataset's own band stays what it is: the definition is for where its parts are.
    assert dataset.stem_names == ("band", "vocals")
    assert dataset.weights == (1.0, 1.0)
    assert [track.source for track in dataset.tracks] == [0, 1, 1]


def test_a_dataset_may_be_for_one_split_only(two):
    path = describe(two, "datasets:\n  - {path: one, split: test}\n  - two\n")
    dataset = open_data(path, DataConfig())
    assert {split: len(tracks) for split, tracks in dataset.splits.items()} == {
        "train": 2,
        "test": 1,
    }


def test_one_folder_in_a_list_is_that_folder(two):
    dataset = open_data([two / "two"], DataConfig())
    assert [track.name for track in dataset.tracks] == ["Song", "Tune"]
    assert dataset.weights == (1.0,)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", DataError, r"lists no datasets: write `datasets:`"),
        ("datasets: one", DataError, r"lists no datasets"),
        ("dataset: [one]", DataError, r"the key dataset \(did you mean datasets\?\)"),
        ("datasets: [3]", DataError, r"dataset 1 is 3: write `- path: FOLDER`"),
        ("datasets: [{weight: 2}]", ConfigError, r"path is not set"),
        ("datasets: [{path: one, weight: 0}]", ConfigError, r"dataset 1: weight is 0"),
        ("datasets: [{path: one, wieght: 2}]", ConfigError, r"wieght is not a key here"),
        ("datasets: [{path: none}]", DataError, r"there is no folder .*none"),
    ],
)
def test_what_is_wrong_with_a_description_is_said(two, text, error, message):
    with pytest.raises(error, match=message):
        open_data(describe(two, text), DataConfig())


def test_recordings_that_never_sounded_together_are_mixed_with_those_that_did(tmp_path):
    write_track(tmp_path / "songs" / "a", "vocals", "drums", seconds=1)
    write(tmp_path / "loops" / "vocals" / "x.wav", noise(1, seed=5))
    write(tmp_path / "loops" / "drums" / "y.wav", noise(1, seed=6))
    dataset = open_data([tmp_path / "songs", tmp_path / "loops"], DataConfig())
    assert dataset.layout == "folders, stem-folders"
    config = DataConfig(sample_rate=RATE, chunk_size=0.5, random_mix=0.5)
    chunks = load_chunks(
        dataset.tracks,
        make_store(config),
        config,
        stem_names=dataset.stem_names,
        weights=dataset.weights,
    )
    names = [track.name for track in chunks.tracks]
    plans = [chunks.draw(0, index) for index in range(400)]
    aligned = {plan.tracks for plan in plans if plan.starts[0] == plan.starts[1]}
    assert (names.index("a"),) * 2 in aligned
    mixed = {names[track] for plan in plans for track in plan.tracks}
    assert mixed == {"a", "vocals - x", "drums - y"}
