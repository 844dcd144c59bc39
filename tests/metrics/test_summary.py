"""Totals over tracks, worked out by hand."""

import math

import pytest

from auralflow.metrics import Score, TrackScores, summarise


def track(*, vocals: Score | None = None, drums: Score | None = None) -> TrackScores:
    given = {"vocals": vocals, "drums": drums}
    return TrackScores(10.0, {name: {"sdr": s} for name, s in given.items() if s is not None})


def test_median_and_mean_are_over_tracks_and_counts_are_sums():
    summary = summarise(
        [
            track(vocals=Score(1.0, 3.0, 5, 1)),
            track(vocals=Score(2.0, 4.0, 6, 0)),
            track(vocals=Score(6.0, 11.0, 3, 3)),
        ]
    )
    total = summary.totals["vocals"]["sdr"]
    assert (total.median, total.mean) == (2.0, 3.0)
    assert (total.gain_median, total.gain_mean) == (4.0, 6.0)
    assert (total.tracks, total.tracks_left_out) == (3, 0)
    assert (total.counted, total.left_out) == (14, 4)
    assert (summary.tracks, summary.seconds) == (3, 30.0)


def test_a_track_without_a_number_is_left_out_and_counted():
    silent = Score(math.nan, math.nan, 0, 6)
    total = summarise([track(vocals=silent), track(vocals=Score(4.0, 1.0, 6, 0))]).totals["vocals"]
    assert (total["sdr"].median, total["sdr"].mean) == (4.0, 4.0)
    assert (total["sdr"].tracks, total["sdr"].tracks_left_out) == (1, 1)


def test_no_number_anywhere_is_nan_rather_than_an_error():
    total = summarise([track(vocals=Score(math.nan, math.nan, 0, 6))]).totals["vocals"]["sdr"]
    assert all(math.isnan(x) for x in (total.median, total.mean, total.gain_median))
    assert total.tracks == 0


def test_perfect_tracks_are_counted():
    perfect = Score(math.inf, math.inf, 6, 0)
    total = summarise([track(vocals=perfect), track(vocals=Score(4.0, 1.0, 6, 0))]).totals["vocals"]
    assert total["sdr"].perfect == 1
    assert total["sdr"].mean == math.inf


def test_opposite_infinities_have_no_mean():
    scores = [track(vocals=Score(x, math.nan, 6, 0)) for x in (math.inf, -math.inf)]
    total = summarise(scores).totals["vocals"]["sdr"]
    assert math.isnan(total.mean)
    assert math.isnan(total.median)


def test_a_source_counts_where_it_was_asked_for():
    one = Score(1.0, 1.0, 1, 0)
    summary = summarise([track(vocals=one), track(vocals=one, drums=one)])
    assert list(summary.totals) == ["vocals", "drums"]
    assert summary.totals["drums"]["sdr"].tracks == 1
    assert summary.totals["drums"]["sdr"].tracks_left_out == 0


def test_no_tracks_have_no_totals():
    summary = summarise([])
    assert (summary.tracks, summary.totals) == (0, {})


def test_an_even_number_of_tracks_has_the_middle_of_two_as_median():
    total = summarise([track(vocals=Score(x, x, 1, 0)) for x in (1.0, 2.0, 4.0, 9.0)]).totals
    assert total["vocals"]["sdr"].median == pytest.approx(3.0)
