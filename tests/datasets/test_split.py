"""Which tracks are held out."""

from pathlib import Path

import pytest

from auralflow.audio import AudioInfo
from auralflow.datasets.config import DataConfig
from auralflow.datasets.split import split_dataset, split_tracks
from auralflow.datasets.tracks import Dataset, Recording, Track
from auralflow.errors import DataError


def tracks(*names: str) -> tuple[Track, ...]:
    recording = Recording(Path("x.wav"), None, AudioInfo(44100, 2, 100))
    return tuple(Track(name, {"vocals": (recording,)}, recording) for name in names)


def named(found: tuple[Track, ...]) -> list[str]:
    return [track.name for track in found]


def dataset(**splits: tuple[Track, ...]) -> Dataset:
    return Dataset(Path("data"), "folders", splits)


def test_a_track_stays_on_its_side_when_others_come_and_go():
    few = tracks(*(f"song {number}" for number in range(0, 60, 2)))
    many = tracks(*(f"song {number}" for number in range(60)))
    held_of_few, held_of_many = (set(named(split_tracks(t, 0.3)[1])) for t in (few, many))
    assert held_of_few == held_of_many & set(named(few))


def test_the_share_is_met_on_average():
    # Of 2000 even places the standard deviation of the share below 0.2 is 0.009.
    assert len(split_tracks(tracks(*map(str, range(2000))), 0.2)[1]) / 2000 == pytest.approx(
        0.2, abs=0.03
    )


def test_the_sides_are_the_same_on_every_machine():
    # The first eight bytes of the SHA-256 of each name, as computed with sha256sum: 0xca…, 0x3e…, 0x2e….
    assert named(split_tracks(tracks("a", "b", "c"), 0.22)[1]) == ["c"]


@pytest.mark.parametrize("share", [0.001, 0.9])
def test_each_side_has_a_track_where_there_are_two(share):
    train, valid = split_tracks(tracks("a", "b"), share)
    assert len(train) == len(valid) == 1


def test_one_track_is_for_training_and_a_share_of_nothing_holds_nothing_out():
    assert split_tracks(tracks("a"), 0.5) == (tracks("a"), ())
    assert split_tracks(tracks("a", "b"), 0.0) == (tracks("a", "b"), ())


def test_accents_do_not_change_the_side():
    composed, apart = tracks("\u00e9", "b"), tracks("e\u0301", "b")
    assert ("b" in named(split_tracks(composed, 0.2)[1])) == (
        "b" in named(split_tracks(apart, 0.2)[1])
    )


def test_a_validation_folder_leaves_training_whole():
    data = dataset(train=tracks("a", "b"), valid=tracks("c"), test=tracks("d"))
    train, valid = split_dataset(data, DataConfig())
    assert (named(train), named(valid)) == (["a", "b"], ["c"])


def test_named_tracks_are_held_out_wherever_they_lie():
    data = dataset(train=tracks("a", "b", "c"), valid=tracks("d"))
    config = DataConfig(valid_tracks=("b",), test_tracks=("a", "d"))
    train, valid = split_dataset(data, config)
    assert (named(train), named(valid)) == (["c"], ["b"])


def test_without_validation_a_share_of_the_training_tracks_is_held_out():
    data = dataset(train=tracks("a", "b", "c"))
    train, valid = split_dataset(data, DataConfig(split=0.22))
    assert (named(train), named(valid)) == (["a", "b"], ["c"])


@pytest.mark.parametrize("key", ["valid-tracks", "test-tracks"])
def test_a_name_that_matches_no_track_is_an_error(key):
    data = dataset(train=tracks("Amber Harbour", "Blue Mile"))
    with pytest.raises(DataError, match=r"Amber Harbor, which .*\(did you mean Amber Harbour\?\)"):
        split_dataset(data, DataConfig.model_validate({key: ("Amber Harbor",)}))
