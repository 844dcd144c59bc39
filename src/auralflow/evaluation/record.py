"""An evaluation for programs: `metrics.json`.

    {"schema": 1, "auralflow": version, "model": …, "facts": {…}, "notes": […],
     "metrics": {"sdr": {"label": …, "explanation": …, "unit": "dB", "higher_is_better": true}, …},
     "summary": {"tracks": …, "seconds": …, "targets": {"vocals": {"sdr": {"median": …, …}}}},
     "tracks": [{"name": …, "seconds": …, "targets": {"vocals": {"sdr": {"value": …, "gain": …, …}}}}]}

`comparison.json` is {"schema": 1, "auralflow": version, "facts": {…}, "differences": [{"model": …, "against": …, "target": …,
"metric": …, "tracks": …, "median": {"value": …, "low": …, "high": …}, "mean": {…}, "won": share, "verdict": …}],
"evaluations": [each as above]}.

JSON has neither NaN nor infinity: both are null. A null value with `counted` at 0 means that there was nothing to
measure; with `counted` above 0 that the number is infinite, for the estimate is perfect.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from auralflow._version import __version__
from auralflow.evaluation.comparison import Comparison
from auralflow.evaluation.results import Evaluation
from auralflow.metrics import METRICS, Score, Total

__all__ = ["SCHEMA", "comparison_to_json", "to_json"]

SCHEMA = 1


def to_json(evaluation: Evaluation) -> str:
    """The evaluation in full precision. The same evaluation gives the same text."""
    return _text(_record(evaluation))


def comparison_to_json(comparison: Comparison) -> str:
    """Every evaluation in full precision, and what differs between them."""
    differences = [_finite(asdict(difference)) for difference in comparison.differences]
    return _text(
        {
            "schema": SCHEMA,
            "auralflow": __version__,
            "facts": dict(comparison.facts),
            "differences": differences,
            "evaluations": [_record(evaluation) for evaluation in comparison.evaluations],
        }
    )


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _record(evaluation: Evaluation) -> dict[str, Any]:
    summary = evaluation.summary
    return {
        "schema": SCHEMA,
        "auralflow": __version__,
        "model": evaluation.model,
        "facts": dict(evaluation.facts),
        "notes": list(evaluation.notes),
        "metrics": {
            name: {
                "label": metric.label,
                "explanation": metric.explanation,
                "unit": metric.unit,
                "higher_is_better": metric.higher_is_better,
            }
            for name, metric in METRICS.items()
            if any(name in totals for totals in summary.totals.values())
        },
        "summary": {
            "tracks": summary.tracks,
            "seconds": summary.seconds,
            "targets": _numbers(summary.totals),
        },
        "tracks": [
            {
                "name": track.name,
                "seconds": track.scores.seconds,
                "targets": _numbers(track.scores.scores),
            }
            for track in evaluation.tracks
        ],
    }


def _finite(content: Any) -> Any:
    """The same with null in place of what JSON has no number for."""
    if isinstance(content, dict):
        return {key: _finite(value) for key, value in content.items()}
    return None if isinstance(content, float) and not math.isfinite(content) else content


def _numbers(
    targets: Mapping[str, Mapping[str, Score]] | Mapping[str, Mapping[str, Total]],
) -> dict[str, Any]:
    return {
        target: {metric: _numbers_of(score) for metric, score in scores.items()}
        for target, scores in targets.items()
    }


def _numbers_of(score: Score | Total) -> dict[str, Any]:
    """All but the single frames, which museval's format has."""
    numbers: dict[str, Any] = _finite(asdict(score))
    numbers.pop("frames", None)
    return numbers
