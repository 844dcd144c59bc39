"""Is a dataset fit to be trained on? One pass over its files, and a list of what is wrong."""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.datasets.checking.catalogue import CHECKS
    from auralflow.datasets.checking.findings import Finding, Severity
    from auralflow.datasets.checking.report import Report
    from auralflow.datasets.checking.run import check_dataset
    from auralflow.datasets.checking.table import to_text

__all__ = ["CHECKS", "Finding", "Report", "Severity", "check_dataset", "to_text"]

_HOMES = {
    "CHECKS": "auralflow.datasets.checking.catalogue",
    "Finding": "auralflow.datasets.checking.findings",
    "Report": "auralflow.datasets.checking.report",
    "Severity": "auralflow.datasets.checking.findings",
    "check_dataset": "auralflow.datasets.checking.run",
    "to_text": "auralflow.datasets.checking.table",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)
