"""An evaluation for people: `metrics.txt`, and what the command prints."""

from collections.abc import Iterator, Sequence
from typing import Any

from auralflow.evaluation.layout import align, decibels, duration, printable
from auralflow.evaluation.results import Evaluation
from auralflow.metrics import METRICS, Metric

__all__ = ["to_text", "totals_table"]

_NAME_WIDTH = 48


def to_text(evaluation: Evaluation) -> str:
    """Totals, what each number is, every track, and what was left out. The same evaluation gives the same text."""
    parts = [
        [f"How well {printable(evaluation.model, 100)} separates", *_facts(evaluation)],
        ["All tracks", "", *totals_table(evaluation)],
        list(_legend(_metrics(evaluation))),
        *_each_track(evaluation),
        _left_out(evaluation),
        list(evaluation.notes),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def totals_table(evaluation: Evaluation) -> list[str]:
    """One line for each target and metric: median and mean over the tracks, and both of the gain."""
    rows = [["target", "metric", "median", "gain", "mean", "gain", "tracks"]]
    for target, totals in evaluation.summary.totals.items():
        for index, (name, total) in enumerate(totals.items()):
            rows.append(
                [
                    "" if index else printable(target, _NAME_WIDTH),
                    METRICS[name].label,
                    decibels(total.median),
                    decibels(total.gain_median, signed=True),
                    decibels(total.mean),
                    decibels(total.gain_mean, signed=True),
                    str(total.tracks),
                ]
            )
    return _indented(align(rows, left=2)) if len(rows) > 1 else ["  no track was measured"]


def _facts(evaluation: Evaluation) -> list[str]:
    summary = evaluation.summary
    count = _count(summary.tracks, "track")
    facts = {**evaluation.facts, "measured": f"{count}, {duration(summary.seconds)}"}
    return ["", *_indented(align([[name, value] for name, value in facts.items()], left=2))]


def _metrics(evaluation: Evaluation) -> list[Metric[Any]]:
    """Those that were measured, in the catalogue's order."""
    used = {name for totals in evaluation.summary.totals.values() for name in totals}
    return [metric for name, metric in METRICS.items() if name in used]


def _legend(metrics: Sequence[Metric[Any]]) -> Iterator[str]:
    if not metrics:
        return
    plain = all(metric.unit == "dB" and metric.higher_is_better for metric in metrics)
    rows = [
        [metric.label, metric.explanation if plain else f"{metric.explanation} ({_scale(metric)})"]
        for metric in metrics
    ]
    rows += [
        ["gain", "how much better than the mixture itself would score as the estimate"],
        ["median", "over the tracks' numbers, and over their gains; mean likewise"],
        ["–", "nothing to measure, as the target is silent: left out of median and mean"],
    ]
    if plain:
        yield "All numbers but the counts are in dB; higher is better."
        yield ""
    yield from _indented(align(rows, left=2))


def _scale(metric: Metric[Any]) -> str:
    """What a number is counted in, and which way is better."""
    direction = f"{'higher' if metric.higher_is_better else 'lower'} is better"
    return f"{metric.unit}, {direction}" if metric.unit else direction


def _each_track(evaluation: Evaluation) -> Iterator[list[str]]:
    """A table for each target."""
    for target, totals in evaluation.summary.totals.items():
        labels = [METRICS[name].label for name in totals]
        heading = [cell for label in labels for cell in (label, "gain")]
        rows = [["track", *heading, "frames"]]
        for track in evaluation.tracks:
            scores = track.scores.scores.get(target)
            if scores is None:
                continue
            row = [printable(track.name, _NAME_WIDTH)]
            for score in scores.values():
                row += [decibels(score.value), decibels(score.gain, signed=True)]
            framewise = [score for name, score in scores.items() if METRICS[name].framewise]
            counts = [f"{s.counted} of {s.counted + s.left_out}" for s in framewise[:1]]
            rows.append([*row, *(counts or ["–"])])
        yield [f"Each track: {printable(target, _NAME_WIDTH)}", "", *_indented(align(rows, left=1))]


def _left_out(evaluation: Evaluation) -> list[str]:
    """Sentences on what no number could be given for."""
    lines = []
    for target, totals in evaluation.summary.totals.items():
        name = printable(target, _NAME_WIDTH)
        for metric, total in totals.items():
            if METRICS[metric].framewise and total.left_out:
                frames = _count(total.counted + total.left_out, "frame")
                lines.append(
                    f"{name}: {total.left_out} of {frames} of 1 s in {METRICS[metric].label}, "
                    "in which a target or an estimate is silent."
                )
        missing: dict[int, list[str]] = {}
        for metric, total in totals.items():
            missing.setdefault(total.tracks_left_out, []).append(METRICS[metric].label)
        lines += [
            f"{name}: {_count(number, 'track')} in {', '.join(labels)}, with nothing to measure."
            for number, labels in missing.items()
            if number
        ]
    return ["Left out", "", *_indented(lines)] if lines else []


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}".rstrip() for line in lines]
