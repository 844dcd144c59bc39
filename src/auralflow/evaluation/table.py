"""An evaluation for people: `metrics.txt`, and what the command prints."""

from collections.abc import Iterator, Sequence
from typing import Any

from auralflow.evaluation.layout import (
    NAME_WIDTH,
    align,
    counted,
    decibels,
    duration,
    indented,
    printable,
    side_by_side,
    span,
)
from auralflow.evaluation.results import Evaluation
from auralflow.metrics import METRICS, Metric

__all__ = ["left_out", "legend", "to_text", "totals_table", "used_metrics"]


def to_text(evaluation: Evaluation) -> str:
    """Totals, what each number is, every track, and what was left out. The same evaluation gives the same text."""
    parts = [
        [f"How well {printable(evaluation.model, 100)} separates", *_facts(evaluation)],
        ["All tracks", "", *totals_table(evaluation)],
        list(legend(used_metrics([evaluation]))),
        *_each_track(evaluation),
        left_out(evaluation),
        list(evaluation.notes),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def totals_table(evaluation: Evaluation) -> list[str]:
    """One line for each target and metric: median, mean and quartiles over the tracks, and the median of the gain."""
    rows = [["target", "metric", "median", "gain", "mean", "quartiles", "tracks"]]
    for target, totals in evaluation.summary.totals.items():
        for index, (name, total) in enumerate(totals.items()):
            rows.append(
                [
                    "" if index else printable(target, NAME_WIDTH),
                    METRICS[name].label,
                    decibels(total.median),
                    decibels(total.gain_median, signed=True),
                    decibels(total.mean),
                    span(total.lower_quartile, total.upper_quartile),
                    str(total.tracks),
                ]
            )
    return indented(align(rows, left=2)) if len(rows) > 1 else ["  no track was measured"]


def _facts(evaluation: Evaluation) -> list[str]:
    summary = evaluation.summary
    count = counted(summary.tracks, "track")
    facts = {**evaluation.facts, "measured": f"{count}, {duration(summary.seconds)}"}
    return ["", *indented(align([[name, value] for name, value in facts.items()], left=2))]


def used_metrics(evaluations: Sequence[Evaluation]) -> list[Metric[Any]]:
    """Those that were measured, in the catalogue's order."""
    used = {name for e in evaluations for totals in e.summary.totals.values() for name in totals}
    return [metric for name, metric in METRICS.items() if name in used]


def legend(metrics: Sequence[Metric[Any]]) -> Iterator[str]:
    """What each number is."""
    if not metrics:
        return
    plain = all(metric.unit == "dB" and metric.higher_is_better for metric in metrics)
    rows = [
        [metric.label, metric.explanation if plain else f"{metric.explanation} ({_scale(metric)})"]
        for metric in metrics
    ]
    rows += [
        ["gain", "how much better than the mixture itself would score as the estimate"],
        ["median", "over the tracks' numbers, and over their gains; mean and quartiles likewise"],
        ["–", "nothing to measure, as the target is silent: left out of median and mean"],
    ]
    if plain:
        yield "All numbers but the counts are in dB; higher is better."
        yield ""
    yield from indented(align(rows, left=2))


def _scale(metric: Metric[Any]) -> str:
    """What a number is counted in, and which way is better."""
    direction = f"{'higher' if metric.higher_is_better else 'lower'} is better"
    return f"{metric.unit}, {direction}" if metric.unit else direction


def _each_track(evaluation: Evaluation) -> Iterator[list[str]]:
    """A table for each target."""
    for target, totals in evaluation.summary.totals.items():
        measured = [
            (printable(track.name, NAME_WIDTH), scores)
            for track in evaluation.tracks
            if (scores := track.scores.scores.get(target)) is not None
        ]
        groups: list[Sequence[Sequence[str]]] = [
            (
                [METRICS[name].label, *(decibels(scores[name].value) for _, scores in measured)],
                ["gain", *(decibels(scores[name].gain, signed=True) for _, scores in measured)],
            )
            for name in totals
        ]
        framewise = next((name for name in totals if METRICS[name].framewise), None)
        if framewise is not None:
            heard = [scores[framewise] for _, scores in measured]
            frames = [f"{s.counted} of {s.counted + s.left_out}" for s in heard]
            groups.append((["frames", *frames],))
        names = ["track", *(name for name, _ in measured)]
        yield [f"Each track: {printable(target, NAME_WIDTH)}", "", *side_by_side(names, groups)]


def left_out(evaluation: Evaluation) -> list[str]:
    """Sentences on what no number could be given for."""
    lines = []
    for target, totals in evaluation.summary.totals.items():
        name = printable(target, NAME_WIDTH)
        for metric, total in totals.items():
            if METRICS[metric].framewise and total.left_out:
                frames = counted(total.counted + total.left_out, "frame")
                lines.append(
                    f"{name}: {total.left_out} of {frames} of 1 s in {METRICS[metric].label}, "
                    "in which a target or an estimate is silent."
                )
        missing: dict[int, list[str]] = {}
        for metric, total in totals.items():
            missing.setdefault(total.tracks_left_out, []).append(METRICS[metric].label)
        lines += [
            f"{name}: {counted(number, 'track')} in {', '.join(labels)}, with nothing to measure."
            for number, labels in missing.items()
            if number
        ]
    return ["Left out", "", *indented(lines)] if lines else []
