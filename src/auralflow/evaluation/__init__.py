"""A network and its test tracks → a table."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    "score_track",
    "to_json",
    "to_text",
    "totals_table",
    "write_metrics",
]

_HOMES = {
    "Evaluation": "results",
    "MetricsFiles": "write",
    "TrackResult": "results",
    "evaluate": "run",
    "metrics_files": "write",
    "score_track": "run",
    "to_json": "record",
    "to_text": "table",
    "totals_table": "table",
    "write_metrics": "write",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'auralflow.evaluation' has no attribute {name!r}")
    return getattr(import_module(f"auralflow.evaluation.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
