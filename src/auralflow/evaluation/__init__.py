"""A network and its test tracks → a table."""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.evaluation.museval import museval_json
    from auralflow.evaluation.record import to_json
    from auralflow.evaluation.results import Evaluation, TrackResult
    from auralflow.evaluation.run import evaluate, score_track
    from auralflow.evaluation.table import to_text, totals_table
    from auralflow.evaluation.write import MetricsFiles, metrics_files, write_metrics

__all__ = [
    "Evaluation",
    "MetricsFiles",
    "TrackResult",
    "evaluate",
    "metrics_files",
    "museval_json",
    "score_track",
    "to_json",
    "to_text",
    "totals_table",
    "write_metrics",
]

_HOMES = {
    "Evaluation": "auralflow.evaluation.results",
    "MetricsFiles": "auralflow.evaluation.write",
    "TrackResult": "auralflow.evaluation.results",
    "evaluate": "auralflow.evaluation.run",
    "metrics_files": "auralflow.evaluation.write",
    "museval_json": "auralflow.evaluation.museval",
    "score_track": "auralflow.evaluation.run",
    "to_json": "auralflow.evaluation.record",
    "to_text": "auralflow.evaluation.table",
    "totals_table": "auralflow.evaluation.table",
    "write_metrics": "auralflow.evaluation.write",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)
