"""A table of all numbers, `metrics.csv`, beside TensorBoard's files."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO

from auralflow.files import write_whole
from auralflow.training.loggers.log import Log, Run
from auralflow.training.loggers.sound import Clip
from auralflow.training.loggers.spread import Spread

__all__ = ["TABLE", "TableLog"]

TABLE = "metrics.csv"

Rows = Sequence[Mapping[str, object]]


class TableLog(Log):
    """A row for each time that something was logged; what was not is empty. A new column rewrites the file."""

    def __init__(self, run: Run) -> None:
        self._path = run.folder.runs / TABLE
        self._columns = ["step"]
        kept = [row for row in self._read() if int(row["step"]) <= run.step] if run.step else []
        self._rewrite(kept)

    @property
    def identity(self) -> str | None:
        """None: the file is the run."""
        return None

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Add a row."""
        new = [name for name in values if name not in self._columns]
        if new:
            rows = self._read()
            self._columns += new
            self._rewrite(rows)
        with self._path.open("a", encoding="utf-8", newline="") as file:
            file.write(_lines(self._columns, [{"step": step, **values}]))

    def histogram(self, name: str, spread: Spread, step: int) -> None:
        """A table has no place for it."""

    def audio(self, name: str, clip: Clip, step: int) -> None:
        """A table has no place for it."""

    def picture(self, name: str, png: bytes, step: int) -> None:
        """A table has no place for it."""

    def flush(self) -> None:
        """Each row is written when it comes."""

    def close(self, *, finished: bool) -> None:
        """Nothing is open."""

    def _read(self) -> list[dict[str, str]]:
        """The rows that are there; one that a kill left unfinished is none."""
        if not self._path.is_file():
            return []
        text = self._path.read_text(encoding="utf-8")
        reader = csv.DictReader(StringIO(text[: text.rfind("\n") + 1]))
        rows = list(reader)
        self._columns = list(reader.fieldnames or self._columns)
        return rows

    def _rewrite(self, rows: Rows) -> None:
        write_whole(self._path, _lines(self._columns, rows, heading=True).encode())


def _lines(columns: Sequence[str], rows: Rows, *, heading: bool = False) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    if heading:
        writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
