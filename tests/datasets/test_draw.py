"""The draw: pure, even, and the same everywhere."""

from collections import Counter

import pytest

from auralflow.datasets.config import AugmentConfig
from auralflow.datasets.draw import Draw


def draw(**changes) -> Draw:
    options = {"seed": 3, "lengths": [1000, 3000], "having": [[0, 1], [1]], "chunk_samples": 100}
    return Draw(**{**options, **changes})


def test_a_chunk_depends_on_seed_epoch_and_index_alone():
    forwards, backwards = draw(), draw()
    keys = [(epoch, index) for epoch in range(3) for index in range(20)]
    plans = [forwards(*key) for key in keys]
    assert plans == [backwards(*key) for key in reversed(keys)][::-1]
    assert len({plan.starts for plan in plans}) > 50
    assert draw(seed=4)(0, 0) != plans[0]


def test_every_machine_draws_the_same():
    # Golden: numpy 2's Philox; numpy promises the bit stream of a bit generator for good (NEP 19).
    found = [draw()(epoch, index) for epoch, index in ((0, 0), (0, 1), (7, 4_000_000_000))]
    assert [(plan.tracks, plan.starts) for plan in found] == [
        ((1, 1), (1610, 1610)),
        ((1, 1), (245, 245)),
        ((0, 0), (215, 215)),
    ]


def test_tracks_come_up_in_proportion_to_their_length():
    # 4000 draws of a chance of 0.75: the standard deviation of the share is 0.007.
    count = Counter(draw()(0, index).tracks for index in range(4000))
    assert set(count) == {(0, 0), (1, 1)}
    assert count[1, 1] / 4000 == pytest.approx(0.75, abs=0.03)


def test_every_place_of_a_track_can_be_drawn_and_none_beyond():
    one = draw(lengths=[104], having=[[0]])
    assert {one(0, index).starts for index in range(200)} == {(start,) for start in range(5)}


def test_a_track_as_long_as_a_chunk_is_taken_whole():
    one = draw(lengths=[100], having=[[0]])
    assert {one(0, index).starts for index in range(50)} == {(0,)}


def test_a_short_track_lies_whole_at_any_place_in_the_chunk():
    one = draw(lengths=[97], having=[[0]])
    assert {one(0, index).starts for index in range(200)} == {(-3,), (-2,), (-1,), (0,)}


def test_stems_of_a_random_mix_come_from_tracks_that_have_them():
    plans = [draw(random_mix=1.0)(0, index) for index in range(400)]
    assert {plan.tracks for plan in plans} == {(0, 1), (1, 1)}
    same = [plan for plan in plans if plan.tracks == (1, 1)]
    assert any(plan.starts[0] != plan.starts[1] for plan in same)


def test_the_share_of_random_mixes_is_kept():
    # 4000 draws of a chance of 0.25 that are seen by their unequal starts: standard deviation 0.007.
    plans = [draw(random_mix=0.25)(0, index) for index in range(4000)]
    mixed = sum(len(set(plan.starts)) > 1 for plan in plans)
    assert mixed / 4000 == pytest.approx(0.25, abs=0.03)


def test_augmentation_does_not_change_the_music_and_is_left_out_where_it_is_off():
    augment = AugmentConfig(gain_db=6.0, swap_channels=0.5, flip_polarity=0.25)
    plain, changed = draw()(1, 2), draw(augment=augment)(1, 2)
    assert (plain.tracks, plain.starts) == (changed.tracks, changed.starts)
    assert plain.augmentation == {}
    assert list(changed.augmentation) == ["gain_db", "swap_channels", "flip_polarity"]
    assert all(len(numbers) == 2 for numbers in changed.augmentation.values())


def test_augmentation_is_drawn_within_its_limits():
    one = draw(augment=AugmentConfig(gain_db=6.0, swap_channels=0.5, flip_polarity=0.25))
    drawn = [one(0, index).augmentation for index in range(2000)]
    gains = [value for numbers in drawn for value in numbers["gain_db"]]
    assert -6 <= min(gains) < -5.9
    assert 5.9 < max(gains) <= 6
    for name, chance in (("swap_channels", 0.5), ("flip_polarity", 0.25)):
        values = [value for numbers in drawn for value in numbers[name]]
        assert set(values) == {0.0, 1.0}
        assert sum(values) / len(values) == pytest.approx(chance, abs=0.04)


def test_seeds_may_be_any_whole_number():
    assert draw(seed=-1)(0, 0) == draw(seed=2**64 - 1)(0, 0)
