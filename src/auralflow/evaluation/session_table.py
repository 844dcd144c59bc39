"""A session for people: in the terminal, and as Markdown."""

from collections.abc import Callable, Sequence

from auralflow.evaluation.layout import decibels, indented, printable, side_by_side
from auralflow.evaluation.session_overview import ModelOverview, SessionOverview

__all__ = ["session_to_markdown", "session_to_text"]

_CELL = 24
_ABSENT = "–"

Row = tuple[str, list[str]]


def session_to_text(session: SessionOverview, *, width: int = 80) -> str:
    """A column for each model, as many beside one another as fit; a row for each thing to know."""
    rows = _rows(session)
    names = ["", *(printable(name, 32) for name, _ in rows)]
    groups = [
        ([printable(model.name, _CELL), *(printable(cells[place], _CELL) for _, cells in rows)],)
        for place, model in enumerate(session.models)
    ]
    parts = [[str(session.path)], side_by_side(names, groups, width=width), _problems(session)]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def session_to_markdown(session: SessionOverview) -> str:
    """The same as a table in Markdown."""
    heading = ["", *(model.name for model in session.models)]
    rule = ["---", *("---:" for _ in session.models)]
    lines = [heading, rule, *([name, *cells] for name, cells in _rows(session))]
    table = [
        f"| {' | '.join(' '.join(cell.replace('|', chr(92) + '|').split()) for cell in line)} |"
        for line in lines
    ]
    problems = [line.strip() for line in _problems(session)[2:]]
    return "\n".join([*table, *(f"\n{line}" for line in problems)]) + "\n"


def _rows(session: SessionOverview) -> list[Row]:
    """Settings that differ, then training, then test numbers; a row that is empty for all is left out."""
    models = session.models
    rows: list[Row] = [
        (key, [value or _ABSENT for value in values]) for key, values in session.differences.items()
    ]
    shown: list[tuple[str, Callable[[ModelOverview], str | None]]] = [
        ("parameters", lambda m: None if m.parameters is None else f"{m.parameters:,}"),
        ("epochs done", lambda m: None if m.epochs is None else str(m.epochs)),
        ("best epoch", lambda m: None if m.best_epoch is None else str(m.best_epoch)),
        (
            "validation loss, then",
            lambda m: None if m.valid_loss is None else f"{m.valid_loss:.4g}",
        ),
        ("validation SDR, then", lambda m: None if m.valid_sdr is None else decibels(m.valid_sdr)),
        ("checkpoint, MB", lambda m: None if m.size_bytes is None else f"{m.size_bytes / 1e6:.3g}"),
        ("test tracks", lambda m: None if m.tracks is None else str(m.tracks)),
    ]
    for name, cell in shown:
        cells = [cell(model) for model in models]
        if any(cells):
            rows.append((name, [value or _ABSENT for value in cells]))
    for number in dict.fromkeys(name for model in models for name in model.medians):
        values = [model.medians.get(number) for model in models]
        rows.append((number, [_ABSENT if value is None else decibels(value) for value in values]))
    return rows


def _problems(session: SessionOverview) -> Sequence[str]:
    told = [f"{model.name}: {model.problem}" for model in session.models if model.problem]
    lines = [line for text in told for line in text.splitlines()]
    return ["Could not be read", "", *indented(lines)] if lines else []
