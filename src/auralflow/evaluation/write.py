"""`metrics.txt` and `metrics.json`, and what else is wanted beside them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from auralflow.errors import OutputError
from auralflow.evaluation.comparison import Comparison
from auralflow.evaluation.formats import FORMATS, MUSEVAL, render
from auralflow.evaluation.museval import FOLDER, museval_files
from auralflow.evaluation.record import comparison_to_json, to_json
from auralflow.evaluation.results import Evaluation
from auralflow.evaluation.side_by_side import comparison_to_text
from auralflow.evaluation.table import to_text
from auralflow.files import write_whole

__all__ = ["MetricsFiles", "keep_earlier", "metrics_files", "write_comparison", "write_metrics"]


class MetricsFiles(NamedTuple):
    """Where an evaluation is written."""

    text: Path
    record: Path


def metrics_files(place: Path, *, force: bool = False, stem: str = "metrics") -> MetricsFiles:
    """The two files for a place: a folder, which gets `metrics.txt` and `metrics.json`, or the name of either file.

    Raises `OutputError` if one of them exists, unless `force` is given: ask before the long computation.
    """
    suffix = place.suffix.lower()
    base = place if suffix in (".txt", ".json") and not place.is_dir() else place / f"{stem}.txt"
    files = MetricsFiles(base.with_suffix(".txt"), base.with_suffix(".json"))
    for path in files:
        if path.exists() and not force:
            raise OutputError(f"{path} is already there: pass --force to replace it")
    return files


def write_metrics(
    place: Path, evaluation: Evaluation, *, force: bool = False, formats: Sequence[str] = ()
) -> MetricsFiles:
    """Write an evaluation for people and for programs, each file whole or not at all.

    Raises `OutputError` as `metrics_files` does, and if a file cannot be written.
    """
    files = metrics_files(place, force=force)
    further = _further(files, Comparison((evaluation,)), formats)
    return _write(files, to_text(evaluation), to_json(evaluation), further)


def write_comparison(
    place: Path, comparison: Comparison, *, formats: Sequence[str] = ()
) -> MetricsFiles:
    """Write `comparison.txt` and `comparison.json` in place of what is there.

    Raises `OutputError` if a file cannot be written.
    """
    files = metrics_files(place, force=True, stem="comparison")
    further = _further(files, comparison, formats)
    return _write(files, comparison_to_text(comparison), comparison_to_json(comparison), further)


def _further(
    files: MetricsFiles, comparison: Comparison, formats: Sequence[str]
) -> dict[Path, str]:
    """What is wanted beside both files, by its path."""
    rendered = render(comparison, formats).items()
    further = {files.text.with_suffix(suffix): content for suffix, content in rendered}
    if MUSEVAL in formats:
        songs = museval_files(comparison).items()
        further |= {files.text.parent / place: content for place, content in songs}
    return further


def _write(
    files: MetricsFiles, text: str, record: str, further: Mapping[Path, str]
) -> MetricsFiles:
    write_whole(files.record, record.encode())
    for path, content in further.items():
        write_whole(path, content.encode())
    write_whole(files.text, text.encode())
    return files


def keep_earlier(place: Path, stem: str) -> None:
    """Rename results that are there already to the next free number, such as `metrics-1.txt`."""
    text, record = metrics_files(place, force=True, stem=stem)
    files = [text, record, *(text.with_suffix(suffix) for suffix in FORMATS.values())]
    files.append(text.with_name(FOLDER))
    if not any(path.exists() for path in files):
        return
    number = 1
    while any(_numbered(path, number).exists() for path in files):
        number += 1
    for path in files:
        if path.exists():
            path.rename(_numbered(path, number))


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}-{number}{path.suffix}")
