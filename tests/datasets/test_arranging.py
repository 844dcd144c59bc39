"""Stems renamed and summed: what is loaded still adds up to the mixture."""

import numpy as np
import pytest

from auralflow.datasets.arranging import Arrangement
from auralflow.datasets.config import DataConfig
from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.loading import load_chunks, make_store
from auralflow.datasets.reading import track_blocks
from auralflow.datasets.targets import target_parts
from auralflow.errors import DataError
from tests.datasets.music import RATE, noise, write, write_track

FOUR = ("bass", "drums", "other", "vocals")


def names(definitions: dict[str, tuple[str, ...]], kept: tuple[str, ...] = ()) -> dict[str, str]:
    return Arrangement(FOUR, definitions, kept)._names


def test_stems_of_one_sum_are_loaded_as_one():
    arrangement = Arrangement(FOUR, {"accompaniment": ("drums", "bass", "other")})
    assert arrangement._names == {
        "bass": "accompaniment",
        "drums": "accompaniment",
        "other": "accompaniment",
        "vocals": "vocals",
    }
    assert arrangement.sums == {}


def test_a_stem_wanted_besides_stays_apart():
    arrangement = Arrangement(FOUR, {"accompaniment": ("drums", "bass", "other")}, ("drums",))
    assert arrangement._names["drums"] == "drums"
    assert arrangement._names["bass"] == arrangement._names["other"] == "bass + other"
    assert arrangement.sums == {
        "accompaniment": ("bass + other", "drums"),
        "drums": ("drums",),
    }


def test_sums_that_overlap_are_taken_apart_no_further_than_needed():
    arrangement = Arrangement(
        FOUR, {"rhythm": ("drums", "bass"), "instrumental": ("drums", "bass", "other")}
    )
    assert arrangement._names == {
        "bass": "bass + drums",
        "drums": "bass + drums",
        "other": "other",
        "vocals": "vocals",
    }
    assert arrangement.sums == {
        "instrumental": ("bass + drums", "other"),
        "rhythm": ("bass + drums",),
    }


def test_stems_may_be_renamed_and_even_exchanged():
    assert names({"voice": ("vocals",)})["vocals"] == "voice"
    exchanged = Arrangement(FOUR, {"drums": ("bass",), "bass": ("drums",)})
    assert exchanged._names["drums"] == "bass"
    assert exchanged._names["bass"] == "drums"
    assert exchanged.sums == {}


def test_a_name_may_widen_the_stem_it_is_called_after():
    assert names({"other": ("other", "bass")})["bass"] == "other"


def test_a_stem_that_does_not_exist_is_answered_with_the_nearest():
    with pytest.raises(
        DataError, match=r"stems\.band names drum, which no track has \(did you mean drums\?\)"
    ):
        Arrangement(FOUR, {"band": ("drum", "bass")})


def test_targets_and_mixtures_of_overlapping_sums_are_exact(tmp_path):
    audio = {name: noise(0.5, seed=seed) for seed, name in enumerate(FOUR)}
    for name, samples in audio.items():
        write(tmp_path / "a" / f"{name}.wav", samples)
    config = DataConfig(
        sample_rate=RATE,
        chunk_size=0.5,
        mono=False,
        targets=("vocals", "drums", "accompaniment"),
        stems={"accompaniment": ("drums", "bass", "other")},
    )
    dataset = open_dataset(tmp_path, stems=config.stems, targets=config.targets)
    assert dataset.target_names == ("accompaniment", "drums", "vocals")
    store = make_store(config)
    store.prepare([part for track in dataset.tracks for part in track.recordings])
    chunks = load_chunks(dataset.tracks, store, config, stem_names=dataset.stem_names)
    stems = chunks[0, 0].stems()[0]
    np.testing.assert_allclose(stems.sum(0).numpy(), sum(audio.values()), atol=1e-6)
    parts = target_parts(config.targets, chunks.stem_names, dataset.sums)
    accompaniment = audio["drums"] + audio["bass"] + audio["other"]
    expected = np.stack([audio["vocals"], audio["drums"], accompaniment])
    found = np.stack([stems[list(places)].sum(0).numpy() for places in parts])
    np.testing.assert_allclose(found, expected, atol=1e-6)
    ((_, true),) = track_blocks(dataset.tracks[0], config.targets, block_samples=RATE)
    np.testing.assert_allclose(true, expected, atol=1e-6)


def test_a_track_without_some_parts_of_a_sum_has_the_rest_of_it(tmp_path):
    write_track(tmp_path / "a", "vocals", "drums", "bass")
    write_track(tmp_path / "b", "vocals", "piano")
    dataset = open_dataset(tmp_path, stems={"band": ("drums", "bass", "piano")})
    assert [len(track.recordings_of("band")) for track in dataset.tracks] == [2, 1]
