"""What an evaluation looks like on disk."""

import json
import math

import pytest
from rich.cells import cell_len

from auralflow.errors import OutputError
from auralflow.evaluation import (
    Evaluation,
    TrackResult,
    metrics_files,
    to_json,
    to_text,
    totals_table,
    write_metrics,
)
from auralflow.evaluation.layout import decibels, duration, printable
from auralflow.metrics import DEFAULT_METRICS, METRICS, Score, TrackScores

SILENT = {m.name: Score(math.nan, math.nan, 0, 7 if m.framewise else 1) for m in DEFAULT_METRICS}
PERFECT = {m.name: Score(math.inf, math.inf, 1, 0) for m in DEFAULT_METRICS}

OTHERS = {name: Score(-1.25, 123.45, 1, 0) for name in list(METRICS)[3:9]}


def scores(value: float, *, left_out: int = 0) -> dict[str, Score]:
    return {
        "sdr": Score(value, value + 6, 7 - left_out, left_out),
        "usdr": Score(value + 0.5, value + 5, 1, 0),
        "si-sdr": Score(value - 0.25, value + 7, 1, 0),
    }


def evaluation() -> Evaluation:
    return Evaluation(
        "vocals-unet",
        (
            TrackResult("Amber Harbour", TrackScores(7.0, {"vocals": scores(5.0)})),
            TrackResult("Ländler Nr. 2", TrackScores(7.5, {"vocals": scores(2.0, left_out=2)})),
            TrackResult("No Singing", TrackScores(61.0, {"vocals": SILENT})),
        ),
        {"data": "songs, test", "checkpoint": "epoch 31"},
        ("One file was skipped: a.wav.",),
    )


def test_the_text_says_what_it_measured_the_totals_each_track_and_what_was_left_out():
    # By hand: 5 and 2 give 3.5, and the quartiles 2 + 3/4 and 2 + 9/4; gains 11 and 8 give 9.5.
    assert (
        to_text(evaluation())
        == """\
How well vocals-unet separates

  data         songs, test
  checkpoint   epoch 31
  measured     3 tracks, 1 min 16 s

All tracks

  target   metric   median     gain   mean      quartiles   tracks
  vocals   SDR        3.50    +9.50   3.50   2.75 to 4.25        2
           uSDR       4.00    +8.50   4.00   3.25 to 4.75        2
           SI-SDR     3.25   +10.50   3.25   2.50 to 4.00        2

All numbers but the counts are in dB; higher is better.

  SDR      signal to distortion ratio of BSSEval v4 (museval): median over frames of 1 s
  uSDR     signal to distortion ratio of the whole track at once (Music Demixing Challenge)
  SI-SDR   the same after the best change of level, so that loudness alone costs nothing
  gain     how much better than the mixture itself would score as the estimate
  median   over the tracks' numbers, and over their gains; mean and quartiles likewise
  –        nothing to measure, as the target is silent: left out of median and mean

Each track: vocals

  track            SDR     gain   uSDR     gain   SI-SDR     gain   frames
  Amber Harbour   5.00   +11.00   5.50   +10.00     4.75   +12.00   7 of 7
  Ländler Nr. 2   2.00    +8.00   2.50    +7.00     1.75    +9.00   5 of 7
  No Singing         –        –      –        –        –        –   0 of 7

Left out

  vocals: 9 of 21 frames of 1 s in SDR, in which a target or an estimate is silent.
  vocals: 1 track in SDR, uSDR, SI-SDR, with nothing to measure.

One file was skipped: a.wav.
"""
    )


def test_the_text_of_an_evaluation_without_tracks_says_so():
    assert "no track was measured" in to_text(Evaluation("m", ()))


def test_the_record_holds_every_number_in_full_and_null_for_none():
    record = json.loads(to_json(evaluation()))
    assert record["schema"] == 1
    assert record["facts"] == {"data": "songs, test", "checkpoint": "epoch 31"}
    assert record["summary"]["targets"]["vocals"]["si-sdr"]["gain_mean"] == 10.5
    assert record["tracks"][1]["targets"]["vocals"]["sdr"] == {
        "value": 2.0,
        "gain": 8.0,
        "counted": 5,
        "left_out": 2,
    }
    assert record["tracks"][2]["targets"]["vocals"]["sdr"]["value"] is None
    assert record["tracks"][2]["targets"]["vocals"]["sdr"]["counted"] == 0


def test_the_record_says_in_what_each_metric_is_counted_and_which_way_is_better():
    mixed = {name: Score(1.0, math.nan, 1, 0) for name in ("usdr", "mrstft")}
    record = json.loads(
        to_json(Evaluation("m", (TrackResult("a", TrackScores(1.0, {"v": mixed})),)))
    )
    found = {name: (m["unit"], m["higher_is_better"]) for name, m in record["metrics"].items()}
    assert found == {"usdr": ("dB", True), "mrstft": ("", False)}


def test_the_text_says_what_is_not_in_decibels_and_where_lower_is_better():
    mixed = {name: Score(1.0, math.nan, 1, 0) for name in ("usdr", "l1-freq", "mrstft")}
    text = to_text(Evaluation("m", (TrackResult("a", TrackScores(1.0, {"v": mixed})),)))
    assert "All numbers but the counts are in dB" not in text
    assert "(Music Demixing Challenge) (dB, higher is better)" in text
    assert "as a mark out of 100 (higher is better)" in text
    assert "mean of three resolutions (lower is better)" in text


def test_infinity_is_null_in_the_record_with_a_count_that_tells_it_from_silence():
    perfect = Evaluation("m", (TrackResult("a", TrackScores(1.0, {"vocals": PERFECT})),))
    record = json.loads(to_json(perfect))
    assert record["tracks"][0]["targets"]["vocals"]["sdr"]["value"] is None
    assert record["tracks"][0]["targets"]["vocals"]["sdr"]["counted"] == 1
    assert record["summary"]["targets"]["vocals"]["sdr"]["perfect"] == 1
    assert "∞" in to_text(perfect)


def test_several_targets_have_a_table_each_and_lines_in_the_totals():
    both = {"vocals": scores(5.0), "drums": scores(1.0)}
    result = Evaluation("m", (TrackResult("a", TrackScores(7.0, both)),))
    assert "Each track: vocals" in to_text(result)
    assert "Each track: drums" in to_text(result)
    assert len(totals_table(result)) == 1 + 2 * len(DEFAULT_METRICS)
    assert "Left out" not in to_text(result)


def test_both_files_are_written_beside_each_other_and_the_same_each_time(tmp_path):
    files = write_metrics(tmp_path / "model", evaluation())
    assert [path.name for path in files] == ["metrics.txt", "metrics.json"]
    before = [path.read_bytes() for path in files]
    write_metrics(tmp_path / "model", evaluation(), force=True)
    assert [path.read_bytes() for path in files] == before
    assert len(list((tmp_path / "model").iterdir())) == 2


@pytest.mark.parametrize("name", ["mine.txt", "mine.json"])
def test_either_files_name_gives_both(tmp_path, name):
    files = metrics_files(tmp_path / name)
    assert files == (tmp_path / "mine.txt", tmp_path / "mine.json")


def test_existing_results_are_not_replaced_without_force(tmp_path):
    write_metrics(tmp_path, evaluation())
    (tmp_path / "metrics.txt").write_text("with my remarks")
    with pytest.raises(OutputError, match=r"metrics.txt is already there: pass --force"):
        write_metrics(tmp_path, Evaluation("m", ()))
    assert (tmp_path / "metrics.txt").read_text() == "with my remarks"


@pytest.mark.parametrize(
    ("value", "text"),
    [(5.2149, "5.21"), (-0.001, "0.00"), (math.nan, "–"), (math.inf, "∞"), (-math.inf, "-∞")],
)
def test_decibels_have_two_decimals_and_signs_for_what_is_no_number(value, text):
    assert decibels(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59.96, "1 min 00 s"), (245, "4 min 05 s"), (7384, "2 h 03 min")],
)
def test_durations_are_as_a_person_says_them(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("short", "short"),
        ("a very long name indeed", "a very…eed"),
        ("two\nlines", "two�lines"),
        ("日本語の長い名前", "日本語…前"),
    ],
)
def test_names_are_shown_on_one_line_of_limited_width(name, shown):
    # Ten columns: six before the cut, three after it; a Japanese letter takes two.
    assert printable(name, 10) == shown


def test_tables_stay_within_eighty_columns_and_lose_no_metric():
    long = "A Song With a Name That Goes On and On (Live at the Old Harbour, Second Take)"
    track = TrackResult(long, TrackScores(7.0, {"vocals": {**scores(-105.0), **OTHERS}}))
    text = to_text(Evaluation("m", (track,)))
    tables = text[text.index("Each track") :]
    assert max(map(cell_len, tables.splitlines())) <= 80
    assert all(METRICS[name].label in tables for name in OTHERS)
    totals = totals_table(Evaluation("m", (track,)))
    assert max(map(cell_len, totals)) <= 80
