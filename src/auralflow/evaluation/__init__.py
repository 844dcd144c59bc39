"""Networks, estimates and oracles on test tracks → tables."""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.evaluation.comparison import Comparison
    from auralflow.evaluation.lineup import Lineup, line_up
    from auralflow.evaluation.measuring import score_track
    from auralflow.evaluation.museval import museval_json
    from auralflow.evaluation.paired import Difference, bootstrap
    from auralflow.evaluation.record import comparison_to_json, to_json
    from auralflow.evaluation.results import Evaluation, TrackResult
    from auralflow.evaluation.run import compare, evaluate
    from auralflow.evaluation.side_by_side import comparison_to_text
    from auralflow.evaluation.table import to_text, totals_table
    from auralflow.evaluation.write import MetricsFiles, metrics_files, write_metrics

__all__ = [
    "Comparison",
    "Difference",
    "Evaluation",
    "Lineup",
    "MetricsFiles",
    "TrackResult",
    "bootstrap",
    "compare",
    "comparison_to_json",
    "comparison_to_text",
    "evaluate",
    "line_up",
    "metrics_files",
    "museval_json",
    "score_track",
    "to_json",
    "to_text",
    "totals_table",
    "write_metrics",
]

_HOMES = {
    "Comparison": "auralflow.evaluation.comparison",
    "Difference": "auralflow.evaluation.paired",
    "Evaluation": "auralflow.evaluation.results",
    "Lineup": "auralflow.evaluation.lineup",
    "MetricsFiles": "auralflow.evaluation.write",
    "TrackResult": "auralflow.evaluation.results",
    "bootstrap": "auralflow.evaluation.paired",
    "compare": "auralflow.evaluation.run",
    "comparison_to_json": "auralflow.evaluation.record",
    "comparison_to_text": "auralflow.evaluation.side_by_side",
    "evaluate": "auralflow.evaluation.run",
    "line_up": "auralflow.evaluation.lineup",
    "metrics_files": "auralflow.evaluation.write",
    "museval_json": "auralflow.evaluation.museval",
    "score_track": "auralflow.evaluation.measuring",
    "to_json": "auralflow.evaluation.record",
    "to_text": "auralflow.evaluation.table",
    "totals_table": "auralflow.evaluation.table",
    "write_metrics": "auralflow.evaluation.write",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)
