"""Stems that are not what their name says."""

import pytest

from auralflow.datasets.checking.likeness import Likeness
from auralflow.datasets.synthetic import compose_song
from tests.datasets.checking.folders import findings, number, only, stems_of, write_song
from tests.datasets.music import RATE

CD = 44100


def test_stems_as_composed_are_what_their_names_say(tmp_path):
    for seed in range(3):
        write_song(tmp_path / str(seed), compose_song(seed, seconds=5, sample_rate=CD), rate=CD)
    assert findings(tmp_path, "swapped") == []


def test_two_stems_with_the_same_audio_are_a_warning(tmp_path):
    stems = stems_of(seconds=1)
    write_song(tmp_path / "song", stems | {"vocals": stems["bass"]})
    finding = only(tmp_path, "swapped")
    assert (finding.severity, finding.stem) == ("warning", "bass")
    assert finding.numbers == {"same_as": "vocals"}


def test_a_stem_that_is_the_mixture_is_a_warning(tmp_path):
    stems = stems_of(seconds=1)
    write_song(tmp_path / "song", stems, mixture=stems["drums"])
    finding = only(tmp_path, "swapped")
    assert (finding.stem, finding.numbers["same_as"]) == ("drums", "mixture")


def test_the_only_stem_that_sounds_may_be_the_mixture(tmp_path):
    stems = stems_of(seconds=1)
    silence = 0 * stems["bass"]
    write_song(tmp_path / "song", stems | {"bass": silence, "drums": silence})
    assert findings(tmp_path, "swapped") == []


def test_silent_stems_are_not_the_same_audio(tmp_path):
    stems = stems_of(seconds=1)
    silence = 0 * stems["bass"]
    write_song(tmp_path / "song", {**stems, "other": silence, "piano": silence})
    assert findings(tmp_path, "swapped") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bass", "drums"),
        ("bass", "other"),
        ("bass", "vocals"),
        ("drums", "other"),
        ("drums", "vocals"),
    ],
)
def test_two_names_that_were_swapped_are_told(tmp_path, one, other):
    stems = compose_song(0, seconds=5, sample_rate=CD)
    write_song(tmp_path / "song", stems | {one: stems[other], other: stems[one]}, rate=CD)
    finding = only(tmp_path, "swapped")
    assert (finding.severity, finding.stem) == ("warning", one)
    assert finding.numbers["sounds_like"] == other
    assert f"sounds like {other}, and {other} sounds like {one}" in finding.message


def test_a_stem_of_another_kind_is_told_without_its_counterpart(tmp_path):
    stems = compose_song(0, seconds=5, sample_rate=CD)
    write_song(tmp_path / "song", {"vocals": stems["bass"], "other": stems["other"]}, rate=CD)
    finding = only(tmp_path, "swapped")
    assert (finding.stem, finding.numbers["sounds_like"]) == ("vocals", "bass")
    # The composed bass plays between 41 and 200 Hz.
    assert number(finding, "centre_hz") < 500


def test_vocals_and_other_are_not_guessed_at(tmp_path):
    stems = compose_song(0, seconds=5, sample_rate=CD)
    write_song(
        tmp_path / "song", stems | {"vocals": stems["other"], "other": stems["vocals"]}, rate=CD
    )
    assert findings(tmp_path, "swapped") == []


def test_low_rates_are_not_judged(tmp_path):
    stems = compose_song(0, seconds=5, sample_rate=RATE)
    write_song(tmp_path / "song", stems | {"bass": stems["drums"], "drums": stems["bass"]})
    assert findings(tmp_path, "swapped") == []


def test_a_dataset_of_its_own_kind_is_its_own_measure():
    odd = (-30.0, 12.5, 1.5, -0.5)
    assert Likeness.of([("bass", odd)] * 5).own_distance(odd, "bass") > 45
    assert Likeness.of([("bass", odd)] * 6).own_distance(odd, "bass") == 0
