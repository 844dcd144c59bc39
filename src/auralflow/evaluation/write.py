"""`metrics.txt` and `metrics.json`."""

from pathlib import Path
from typing import NamedTuple

from auralflow.errors import OutputError
from auralflow.evaluation.record import to_json
from auralflow.evaluation.results import Evaluation
from auralflow.evaluation.table import to_text
from auralflow.files import write_whole

__all__ = ["MetricsFiles", "metrics_files", "write_metrics"]


class MetricsFiles(NamedTuple):
    """Where an evaluation is written."""

    text: Path
    record: Path


def metrics_files(place: Path, *, force: bool = False) -> MetricsFiles:
    """The two files for a place: a folder, which gets `metrics.txt` and `metrics.json`, or the name of either file.

    Raises `OutputError` if one of them exists, unless `force` is given: ask before the long computation.
    """
    suffix = place.suffix.lower()
    if suffix in (".txt", ".json") and not place.is_dir():
        files = MetricsFiles(place.with_suffix(".txt"), place.with_suffix(".json"))
    else:
        files = MetricsFiles(place / "metrics.txt", place / "metrics.json")
    for path in files:
        if path.exists() and not force:
            raise OutputError(f"{path} is already there: pass --force to replace it")
    return files


def write_metrics(place: Path, evaluation: Evaluation, *, force: bool = False) -> MetricsFiles:
    """Write an evaluation for people and for programs, each file whole or not at all.

    Raises `OutputError` as `metrics_files` does, and if a file cannot be written.
    """
    files = metrics_files(place, force=force)
    write_whole(files.record, to_json(evaluation).encode())
    write_whole(files.text, to_text(evaluation).encode())
    return files
