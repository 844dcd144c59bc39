"""A network and its test tracks → a table."""

from auralflow.evaluation.record import to_json
from auralflow.evaluation.results import Evaluation, TrackResult
from auralflow.evaluation.table import to_text, totals_table
from auralflow.evaluation.write import MetricsFiles, metrics_files, write_metrics

__all__ = [
    "Evaluation",
    "MetricsFiles",
    "TrackResult",
    "metrics_files",
    "to_json",
    "to_text",
    "totals_table",
    "write_metrics",
]
