"""The draw: pure, even, and the same everywhere."""

from collections import Counter

import numpy as np
import pytest

from auralflow.datasets.draw import Draw, Pool, Sounding
from auralflow.datasets.urns import SoundingPlaces


def draw(**changes) -> Draw:
    lengths = changes.pop("lengths", [1000, 3000])
    pool = Pool(
        lengths=lengths,
        chances=changes.pop("chances", lengths),
        aligned=changes.pop("aligned", range(len(lengths))),
        having=changes.pop("having", [[0, 1], [1]]),
        sounding=changes.pop("sounding", ()),
    )
    return Draw(pool, **{"seed": 3, "chunk_samples": 100, **changes})


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


def test_numbers_do_not_change_the_music_nor_one_another():
    numbers = {"gain": 2, "flip_polarity": 1}
    plain, one, both = (
        draw(numbers=wanted)(1, 2) for wanted in ({}, {"gain": 2}, dict(reversed(numbers.items())))
    )
    assert (plain.tracks, plain.starts) == (both.tracks, both.starts)
    assert plain.numbers == {}
    assert both.numbers["gain"] == one.numbers["gain"]
    assert [len(values) for values in both.numbers["gain"]] == [2, 2]
    assert [len(values) for values in both.numbers["flip_polarity"]] == [1, 1]


def test_numbers_are_even_between_zero_and_one():
    one = draw(numbers={"gain": 3})
    values = [
        value for index in range(1000) for stem in one(0, index).numbers["gain"] for value in stem
    ]
    # 6000 even numbers: their mean is off by less than four standard deviations, 0.0037 each.
    assert sum(values) / len(values) == pytest.approx(0.5, abs=0.015)
    assert 0 <= min(values) < 0.002
    assert 0.998 < max(values) < 1
    # float32, in which they travel, holds each exactly: none is rounded up to 1.
    assert all(float(np.float32(value)) == value for value in values)


def test_another_attempt_is_another_chunk_and_the_same_each_time():
    one = draw()
    plans = [one(0, 0, attempt=attempt) for attempt in range(8)]
    assert len({plan.starts for plan in plans}) == 8
    assert plans == [draw()(0, 0, attempt=attempt) for attempt in range(8)]
    assert plans[0] == one(0, 0)


def test_tracks_that_played_alone_are_only_mixed_at_random():
    one = draw(aligned=[1], having=[[0, 1], [0, 1]])
    assert {one(0, index).tracks for index in range(50)} == {(1, 1)}
    none = draw(aligned=[], having=[[0], [1]])
    assert {none(0, index).tracks for index in range(50)} == {(0, 1)}


def test_chances_decide_how_often_a_track_comes_up():
    # A chance of 1/4 in 4000 draws: standard deviation 0.007, whatever the lengths are.
    count = Counter(draw(chances=[1, 3])(0, index).tracks for index in range(4000))
    assert count[0, 0] / 4000 == pytest.approx(0.25, abs=0.03)


def places(energies: dict[int, list[float]], *, block: int = 50) -> SoundingPlaces:
    """Where a stem sounds in tracks of 1000 and 3000 samples, by the mean squares of their blocks."""
    found = SoundingPlaces(block=block, chunk_samples=100, threshold_db=-60)
    for track, values in energies.items():
        found.add(track, np.array(values), [1000, 3000][track])
    return found


def test_chunks_lie_where_their_target_sounds():
    # It sounds in the samples from 500 to 550 of the first track alone: chunks of 100 that begin in the blocks at 450 and
    # 500 hold it whole, as far as blocks tell.
    quiet = [0.0] * 20
    heard = [*quiet[:10], 1e-3, *quiet[11:]]
    turn = Sounding((1,), places({0: heard, 1: [0.0] * 60}))
    always = draw(having=[[0, 1], [0, 1]], sounding=[turn], sounding_share=1.0)
    plans = [always(0, index) for index in range(200)]
    assert {plan.tracks for plan in plans} == {(0, 0)}
    assert all(plan.starts[0] == plan.starts[1] for plan in plans)
    assert min(plan.starts[0] for plan in plans) >= 450
    assert max(plan.starts[0] for plan in plans) < 550


def test_in_a_random_mix_only_the_target_is_moved_to_where_it_sounds():
    turn = Sounding((1,), places({1: [1e-3] + [0.0] * 59}))
    mixed = draw(having=[[0, 1], [0, 1]], sounding=[turn], sounding_share=1.0, random_mix=1.0)
    plain = draw(having=[[0, 1], [0, 1]], random_mix=1.0)
    for index in range(50):
        moved, still = mixed(0, index), plain(0, index)
        assert (moved.tracks[0], moved.starts[0]) == (still.tracks[0], still.starts[0])
        assert moved.tracks[1] == 1
        assert moved.starts[1] < 50


def test_targets_have_their_turns_by_their_chances():
    first = Sounding((0,), places({0: [1e-3] * 20}), chance=3)
    second = Sounding((1,), places({1: [1e-3] * 60}), chance=1)
    both = draw(having=[[0, 1], [0, 1]], sounding=[first, second], sounding_share=1.0)
    count = Counter(both(0, index).tracks for index in range(4000))
    assert count[0, 0] / 4000 == pytest.approx(0.75, abs=0.03)


def test_a_share_of_the_chunks_is_drawn_where_a_target_sounds():
    turn = Sounding((0,), places({0: [1e-3] * 20}))
    half = draw(having=[[0, 1], [0, 1]], sounding=[turn], sounding_share=0.5)
    count = Counter(half(0, index).tracks for index in range(4000))
    # Half of the chunks from the first track, and of the others the quarter that is its length.
    assert count[0, 0] / 4000 == pytest.approx(0.5 + 0.5 * 0.25, abs=0.03)


def test_what_never_sounds_changes_nothing():
    turn = Sounding((0,), places({0: [0.0] * 20, 1: [1e-7] * 60}))
    never = draw(sounding=[turn], sounding_share=1.0)
    assert [never(0, i).starts for i in range(20)] == [draw()(0, i).starts for i in range(20)]


def test_seeds_may_be_any_whole_number():
    assert draw(seed=-1)(0, 0) == draw(seed=2**64 - 1)(0, 0)
