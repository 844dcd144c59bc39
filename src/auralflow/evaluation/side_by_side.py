"""A comparison for people: `comparison.txt`, and what the command prints."""

from collections.abc import Iterator, Sequence

from auralflow.evaluation.comparison import Comparison
from auralflow.evaluation.layout import (
    NAME_WIDTH,
    align,
    counted,
    decibels,
    duration,
    fitted,
    indented,
    printable,
    side_by_side,
    span,
)
from auralflow.evaluation.paired import LEAST_TRACKS, Difference
from auralflow.evaluation.table import left_out, legend, used_metrics
from auralflow.metrics import METRICS

__all__ = ["comparison_to_text"]

_MODEL_WIDTH = 20


def comparison_to_text(comparison: Comparison) -> str:
    """Totals by target and metric, who is better than the first, every track, and what was left out."""
    parts = [
        list(_facts(comparison)),
        *_totals(comparison),
        *_differences(comparison.differences),
        list(legend(used_metrics(comparison.evaluations))),
        _oracles(comparison),
        *_each_track(comparison),
        *_notes(comparison),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _facts(comparison: Comparison) -> Iterator[str]:
    longest = max(comparison.evaluations, key=lambda evaluation: evaluation.summary.tracks).summary
    yield "Side by side on the same tracks"
    yield ""
    measured = f"{counted(longest.tracks, 'track')}, {duration(longest.seconds)}"
    rows = [[name, value] for name, value in {**comparison.facts, "measured": measured}.items()]
    for evaluation in comparison.evaluations:
        told = [value for name, value in evaluation.facts.items() if name != "data"]
        if told:
            rows.append([printable(evaluation.model, _MODEL_WIDTH), ", epoch ".join(told)])
    yield from indented(align(rows, left=2))


def _totals(comparison: Comparison) -> Iterator[list[str]]:
    """A table for each target, in it one line for each metric and model."""
    for target, metrics in comparison.targets().items():
        rows = [["metric", "model", "median", "gain", "mean", "quartiles", "tracks"]]
        for metric in metrics:
            for index, evaluation in enumerate(comparison.of(target)):
                total = evaluation.summary.totals[target].get(metric)
                if total is not None:
                    rows.append(
                        [
                            "" if index else METRICS[metric].label,
                            evaluation.model,
                            decibels(total.median),
                            decibels(total.gain_median, signed=True),
                            decibels(total.mean),
                            span(total.lower_quartile, total.upper_quartile),
                            str(total.tracks),
                        ]
                    )
        heading = f"All tracks: {printable(target, NAME_WIDTH)}"
        yield [heading, "", *indented(align(fitted(rows, 1), left=2))]


def _differences(differences: Sequence[Difference]) -> Iterator[list[str]]:
    """A table for each pair of models and each target."""
    groups: dict[tuple[str, str, str], list[Difference]] = {}
    for difference in differences:
        key = (difference.model, difference.against, difference.target)
        groups.setdefault(key, []).append(difference)
    for (model, against, target), found in groups.items():
        rows = [["metric", "median", "95 % interval", "mean", "won", "so it is"]]
        rows += [
            [
                METRICS[d.metric].label,
                decibels(d.median.value, signed=True),
                span(d.median.low, d.median.high, signed=True),
                decibels(d.mean.value, signed=True),
                f"{d.won * d.tracks:g} of {d.tracks}",
                d.verdict,
            ]
            for d in found
        ]
        names = (printable(name, _MODEL_WIDTH) for name in (model, against))
        heading = f"{' minus '.join(names)}, track by track: {printable(target, NAME_WIDTH)}"
        yield [heading, "", *indented(align(rows, left=1))]
    if differences:
        yield [
            "Better or worse: the interval of the median does not hold 0. It is the middle",
            f"95 % of 10 000 resamplings of the tracks; nothing is claimed on fewer than {LEAST_TRACKS}.",
        ]


_ORACLES = {
    "IRM": "ideal ratio mask, from the magnitudes of the true stems",
    "IBM": "ideal binary mask, likewise",
    "MWF": "multichannel Wiener filter of the true stems",
}


def _oracles(comparison: Comparison) -> list[str]:
    """What those that know the truth are."""
    names = {evaluation.model for evaluation in comparison.evaluations}
    rows = [[name, text] for name, text in _ORACLES.items() if name in names]
    return ["Made with the truth at hand:", "", *indented(align(rows, left=2))] if rows else []


def _each_track(comparison: Comparison) -> Iterator[list[str]]:
    """A table for each target and metric, a column for each model."""
    for target, metrics in comparison.targets().items():
        evaluations = list(comparison.of(target))
        tracks = list(dict.fromkeys(t.name for e in evaluations for t in e.tracks))
        scores = [
            {track.name: track.scores.scores.get(target, {}) for track in e.tracks}
            for e in evaluations
        ]
        names = ["track", *(printable(name, NAME_WIDTH) for name in tracks)]
        for metric in metrics:
            groups = []
            for evaluation, own in zip(evaluations, scores, strict=True):
                found = [own.get(track, {}).get(metric) for track in tracks]
                values = [decibels(score.value) if score else "not read" for score in found]
                groups.append(([printable(evaluation.model, _MODEL_WIDTH), *values],))
            heading = f"Each track: {printable(target, NAME_WIDTH)}, {METRICS[metric].label}"
            yield [heading, "", *side_by_side(names, groups)]


def _notes(comparison: Comparison) -> Iterator[list[str]]:
    for evaluation in comparison.evaluations:
        lines = [*left_out(evaluation)[2:], *(f"  {note}" for note in evaluation.notes)]
        if lines:
            yield [f"To know about {printable(evaluation.model, NAME_WIDTH)}", "", *lines]
