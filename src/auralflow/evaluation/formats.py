"""Results for spreadsheets, web pages and papers."""

import csv
import io
import math
from collections.abc import Callable, Sequence

from auralflow.config.layers import did_you_mean
from auralflow.errors import ConfigError
from auralflow.evaluation.comparison import Comparison
from auralflow.evaluation.layout import decibels, span
from auralflow.metrics import METRICS

__all__ = ["FORMATS", "MUSEVAL", "parse_formats", "render", "to_csv", "to_latex", "to_markdown"]

FORMATS = {"csv": ".csv", "markdown": ".md", "latex": ".tex"}
"""What can be written beside text and JSON as one file, and the suffix of each."""

MUSEVAL = "museval"
"""A folder of files, one for each track."""

_ALWAYS = ("text", "json")


def parse_formats(names: str | Sequence[str]) -> list[str]:
    """The formats of these names, as a text with commas or a list; those that are always written need no name.

    Raises `ConfigError` for a name that is none.
    """
    listed = names.split(",") if isinstance(names, str) else list(names)
    keys = [name.strip().lower() for name in listed if name.strip()]
    known = (*_ALWAYS, *FORMATS, MUSEVAL)
    for key in keys:
        if key not in known:
            raise ConfigError(f"format has {key}{did_you_mean(key, known)}: correct the name")
    return [name for name in (*FORMATS, MUSEVAL) if name in keys]


def render(comparison: Comparison, formats: Sequence[str]) -> dict[str, str]:
    """The text of each format that is one file, by its suffix."""
    writers: dict[str, Callable[[Comparison], str]] = {
        "csv": to_csv,
        "markdown": to_markdown,
        "latex": to_latex,
    }
    return {FORMATS[name]: write(comparison) for name, write in writers.items() if name in formats}


def to_csv(comparison: Comparison) -> str:
    """One line for each model, track, target and metric, in full precision; empty where there is no number."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        ("model", "track", "target", "metric", "unit", "value", "gain", "counted", "left_out")
    )
    for evaluation in comparison.evaluations:
        for track in evaluation.tracks:
            for target, scores in track.scores.scores.items():
                for metric, score in scores.items():
                    numbers = ("" if math.isnan(x) else repr(x) for x in (score.value, score.gain))
                    writer.writerow(
                        (
                            evaluation.model,
                            track.name,
                            target,
                            metric,
                            METRICS[metric].unit,
                            *numbers,
                            score.counted,
                            score.left_out,
                        )
                    )
    return file.getvalue()


def to_markdown(comparison: Comparison) -> str:
    """A table of all totals, and one of the differences where there are any."""
    heading = ("target", "metric", "model", "median", "mean", "quartiles", "gain", "tracks")
    rows = [
        (
            target,
            METRICS[metric].label,
            evaluation.model,
            decibels(total.median),
            decibels(total.mean),
            span(total.lower_quartile, total.upper_quartile),
            decibels(total.gain_median, signed=True),
            str(total.tracks),
        )
        for target, metrics in comparison.targets().items()
        for metric in metrics
        for evaluation in comparison.of(target)
        if (total := evaluation.summary.totals[target].get(metric)) is not None
    ]
    tables = [_markdown(heading, rows, words=3)]
    if comparison.differences:
        heading_of_differences = (
            *("target", "metric", "model", "against"),
            *("median", "95 % interval", "mean", "95 % interval", "won", "verdict"),
        )
        rows_of_differences = [
            (
                d.target,
                METRICS[d.metric].label,
                d.model,
                d.against,
                decibels(d.median.value, signed=True),
                span(d.median.low, d.median.high, signed=True),
                decibels(d.mean.value, signed=True),
                span(d.mean.low, d.mean.high, signed=True),
                f"{100 * d.won:.0f} % of {d.tracks}",
                d.verdict,
            )
            for d in comparison.differences
        ]
        tables.append(_markdown(heading_of_differences, rows_of_differences, words=4))
    return "\n".join(tables)


def _markdown(heading: Sequence[str], rows: Sequence[Sequence[str]], *, words: int) -> str:
    """A table whose first columns are words and the others numbers, flush right."""
    rule = ["---" if place < words else "---:" for place in range(len(heading))]
    lines = [heading, rule, *([_markdown_text(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _markdown_text(text: str) -> str:
    """Text that Markdown neither takes for a cell's end nor for marks of its own."""
    line = " ".join(text.split())
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in line)


def to_latex(comparison: Comparison) -> str:
    """A table for each metric: models down, targets across, medians over the tracks; it needs no package."""
    targets = comparison.targets()
    metrics = dict.fromkeys(metric for names in targets.values() for metric in names)
    return "\n".join(_latex_table(comparison, metric, list(targets)) for metric in metrics)


def _latex_table(comparison: Comparison, metric: str, targets: Sequence[str]) -> str:
    lines = [f"{_latex_text(_title(metric))} & {' & '.join(map(_latex_text, targets))} \\\\"]
    for evaluation in comparison.evaluations:
        totals = [evaluation.summary.totals.get(target, {}).get(metric) for target in targets]
        cells = [_latex_number(total.median if total else math.nan) for total in totals]
        lines.append(f"{_latex_text(evaluation.model)} & {' & '.join(cells)} \\\\")
    head, *rows = lines
    return (
        f"% Median over the tracks of {_comment(metric)}\n"
        f"\\begin{{tabular}}{{l{'r' * len(targets)}}}\n\\hline\n{head}\n\\hline\n"
        + "\n".join(rows)
        + "\n\\hline\n\\end{tabular}\n"
    )


def _title(metric: str) -> str:
    found = METRICS[metric]
    return f"{found.label} ({found.unit})" if found.unit else found.label


def _comment(metric: str) -> str:
    return " ".join(METRICS[metric].explanation.split())


def _latex_number(value: float) -> str:
    if math.isnan(value):
        return "--"
    if math.isinf(value):
        return "$-\\infty$" if value < 0 else "$\\infty$"
    return f"${round(value, 2) + 0.0:.2f}$"


_LATEX = {
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    '"': "''",
    "-": "-{}",
}


def _latex_text(text: str) -> str:
    """Text in which every letter is itself."""
    return "".join(_LATEX.get(letter, letter) for letter in " ".join(text.split()))
