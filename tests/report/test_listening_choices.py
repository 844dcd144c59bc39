"""Which tracks and seconds are heard, and who comes first."""

import math

import numpy as np
import pytest

from auralflow.errors import ConfigError, DataError
from auralflow.report.listening import ListeningTrack, choose_excerpt, choose_tracks
from auralflow.report.listening.ranking import rankings
from tests.report.listening import RATE, noise, page, row


def test_the_excerpt_is_where_the_stems_sound_and_a_quiet_stem_counts_as_a_loud_one():
    loud, quiet = np.zeros((1, 10_000)), np.zeros((1, 10_000))
    loud[:, 1000:9000] = 1.0
    quiet[:, 6000:7000] = 0.001
    assert choose_excerpt([loud, quiet], sample_rate=1000, seconds=1) == (6000, 7000)


def test_an_excerpt_of_silence_or_of_a_short_track_is_its_beginning_or_all():
    assert choose_excerpt([np.zeros((2, 5000))], sample_rate=1000, seconds=2) == (0, 2000)
    assert choose_excerpt([np.ones((2, 500))], sample_rate=1000, seconds=2) == (0, 500)


def test_an_excerpt_of_nothing_is_an_error():
    with pytest.raises(ConfigError, match="give at least one stem and a length above 0"):
        choose_excerpt([], sample_rate=1000)


@pytest.mark.parametrize(
    ("most", "chosen"),
    [(1, ["c"]), (2, ["a", "e"]), (3, ["a", "c", "e"]), (9, ["a", "b", "c", "d", "e"])],
)
def test_the_best_the_middle_and_the_worst_track_are_chosen(most, chosen):
    rows = [row("m", name, -float(place)) for place, name in enumerate("abcde")]
    assert choose_tracks([*rows, row("m", "silent", math.nan)], most=most) == chosen


def test_where_lower_is_better_the_lowest_is_best():
    rows = [row("m", name, value, higher=False) for name, value in (("a", 3.0), ("b", 1.0), ("c", 2.0))]  # fmt: skip
    assert choose_tracks(rows) == ["b", "c", "a"]


def test_models_are_ranked_by_the_mean_of_their_medians_and_those_without_a_number_last():
    rows = [
        *(row("a", f"t{place}", value) for place, value in enumerate((1.0, 2.0, 9.0))),
        *(row("b", f"t{place}", value) for place, value in enumerate((3.0, 3.0, 3.0))),
        row("c", "t0", math.nan),
    ]
    (ranking,) = rankings(page(models=("a", "b", "c"), rows=rows))
    assert list(ranking.models) == ["b", "a", "c"]
    assert ranking.overall("a") == 2.0
    assert math.isnan(ranking.overall("c"))


def test_where_lower_is_better_the_lowest_comes_first():
    assert [list(ranking.models) for ranking in rankings(page())] == [
        ["perfect", "half"],
        ["perfect", "half"],
    ]


def test_quartiles_and_whiskers_are_numpys_and_tukeys():
    values = [1.0, 2.0, 4.0, 8.0, 9.0, 40.0]
    (ranking,) = rankings(page(models=("m",), rows=[row("m", str(v), v) for v in values]))
    spread = ranking.spreads["m", "vocals"]
    assert [spread.lower, spread.median, spread.upper] == list(np.percentile(values, [25, 50, 75]))
    assert spread.whiskers == (1.0, 9.0)  # 40 is more than 1.5 boxes above the box


def test_a_perfect_track_leaves_the_quartiles_numbers():
    rows = [row("m", name, value) for name, value in (("a", 1.0), ("b", 2.0), ("c", math.inf))]
    (ranking,) = rankings(page(models=("m",), rows=rows))
    spread = ranking.spreads["m", "vocals"]
    assert (spread.lower, spread.median, spread.upper) == (1.5, 2.0, math.inf)


def test_a_model_that_the_page_does_not_list_is_an_error():
    with pytest.raises(
        DataError, match="names the model 'x', the page lists half, perfect: add it"
    ):
        rankings(page(rows=[row("x", "A song", 1.0)]))


def test_versions_of_other_lengths_are_an_error_that_names_them():
    with pytest.raises(DataError, match=r"the vocals by m of A song has shape \(2, 48000\)"):
        ListeningTrack("A song", RATE, noise(0), {}, {"m": {"vocals": noise(0, seconds=1)}})


def test_a_track_without_stems_is_an_error():
    with pytest.raises(DataError, match="A song has no stem to listen to"):
        ListeningTrack("A song", RATE, noise(0), {}, {})
