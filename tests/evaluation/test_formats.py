"""A comparison in the formats of spreadsheets, web pages and papers."""

import csv
import io
import json
import math

import pytest
from rich.cells import cell_len

from auralflow.errors import ConfigError
from auralflow.evaluation import (
    Comparison,
    Evaluation,
    TrackResult,
    comparison_to_json,
    comparison_to_text,
)
from auralflow.evaluation.formats import parse_formats, to_csv, to_latex, to_markdown
from auralflow.evaluation.paired import differences_between
from auralflow.metrics import Score, TrackScores

AWKWARD = r"50% of_a|b & c\d {#1} $x^2~<\i>"


def evaluation(model: str, values: list[float]) -> Evaluation:
    return Evaluation(
        model,
        tuple(
            TrackResult(
                f"song {number}, “live”",
                TrackScores(3.0, {"vocals": {"sdr": Score(value, value + 1, 3, 0)}}),
            )
            for number, value in enumerate(values)
        ),
        {"data": "songs", "checkpoint": "x.pth", "epoch": "3"},
    )


@pytest.fixture
def comparison() -> Comparison:
    first, second = evaluation("plain", [1.0, 2.0, math.nan]), evaluation(AWKWARD, [2.5, 3.0, 4.0])
    return Comparison((first, second), tuple(differences_between(first, second)), {"data": "songs"})


def test_csv_has_a_line_for_every_number_and_reads_back(comparison):
    rows = list(csv.DictReader(io.StringIO(to_csv(comparison))))
    assert len(rows) == 6
    assert rows[0] == {
        "model": "plain",
        "track": "song 0, “live”",
        "target": "vocals",
        "metric": "sdr",
        "unit": "dB",
        "value": "1.0",
        "gain": "2.0",
        "counted": "3",
        "left_out": "0",
    }
    assert rows[2]["value"] == ""
    assert rows[3]["model"] == AWKWARD


def test_markdown_has_the_totals_and_the_differences(comparison):
    lines = to_markdown(comparison).splitlines()
    assert lines[2] == "| vocals | SDR | plain | 1.50 | 1.50 | 1.25 to 1.75 | +2.50 | 2 |"
    # Pairs 1 → 2.5 and 2 → 3: differences 1.5 and 1, in the interval of which every resampling lies.
    assert lines[-1].endswith(
        "| plain | +1.25 | +1.00 to +1.50 | +1.25 | +1.00 to +1.50 | 100 % of 2 | too few tracks |"
    )
    assert all(line.replace("\\|", "").count("|") == 9 for line in lines[:4])


def test_latex_escapes_every_letter_and_needs_no_package(comparison):
    assert to_latex(comparison) == (
        "% Median over the tracks of signal to distortion ratio of BSSEval v4 (museval): median over frames of 1 s\n"
        "\\begin{tabular}{lr}\n\\hline\nSDR (dB) & vocals \\\\\n\\hline\nplain & $1.50$ \\\\\n"
        "50\\% of\\_a$|$b \\& c\\textbackslash{}d \\{\\#1\\} \\$x\\textasciicircum{}2\\textasciitilde{}$<$"
        "\\textbackslash{}i$>$ & $3.00$ \\\\\n\\hline\n\\end{tabular}\n"
    )


def test_what_is_no_number_has_a_sign_in_each_format():
    both = Comparison((evaluation("a", [math.inf]), evaluation("b", [math.nan])))
    assert "$\\infty$" in to_latex(both)
    assert "b & -- " in to_latex(both)
    assert "| a | ∞ | ∞ | ∞ to ∞ | +∞ | 1 |" in to_markdown(both)
    assert ",inf,inf," in to_csv(both)


def test_json_has_evaluations_and_differences_without_what_json_lacks(comparison):
    record = json.loads(comparison_to_json(comparison))
    assert [e["model"] for e in record["evaluations"]] == ["plain", AWKWARD]
    assert record["differences"][0]["median"] == {"value": 1.25, "low": 1.0, "high": 1.5}
    assert record["differences"][0]["verdict"] == "too few tracks"
    infinite = Comparison(
        (), tuple(differences_between(evaluation("a", [1.0]), evaluation("b", [math.inf])))
    )
    assert json.loads(comparison_to_json(infinite))["differences"][0]["median"]["value"] is None


def test_the_text_says_who_is_better_in_eighty_columns(comparison):
    text = comparison_to_text(comparison)
    assert "too few tracks" in text
    assert "plain" in text
    assert "checkpoint" not in text.splitlines()[0]
    assert max(map(cell_len, text.split("All numbers")[0].splitlines())) <= 80


def test_formats_are_named():
    assert parse_formats("LaTeX, json,csv") == ["csv", "latex"]
    with pytest.raises(ConfigError, match=r"format has excel \(known: text, json, csv"):
        parse_formats("excel")
