"""Plain text in aligned columns."""

import math
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

__all__ = ["align", "decibels", "duration", "printable"]

NOTHING = "–"


def decibels(value: float, *, signed: bool = False) -> str:
    """Two decimals; `–` for NaN, `∞` for infinity, never −0.00."""
    if math.isnan(value):
        return NOTHING
    sign = "+" if signed else ""
    if math.isinf(value):
        return "-∞" if value < 0 else f"{sign}∞"
    return f"{round(value, 2) + 0.0:{sign}.2f}"


def duration(seconds: float) -> str:
    """As a person says it: `7.3 s`, `4 min 05 s`, `2 h 03 min`."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def printable(text: str, width: int) -> str:
    """The text on one line of at most `width` columns, the middle cut out where it is longer.

    A file's name may hold anything but a slash, line breaks and terminal codes included.
    """
    text = "".join(letter if letter.isprintable() else "�" for letter in text)
    if cell_len(text) <= width:
        return text
    head = (width - 1) * 2 // 3
    tail = width - 1 - head
    ending = text
    while cell_len(ending) > tail:
        ending = ending[1:]
    return set_cell_size(text, head) + "…" + ending


def align(rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """The rows as lines, in columns three spaces apart: the first `left` of them flush left, the others right."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = []
        for index, (cell, width) in enumerate(zip(row, widths, strict=True)):
            room = " " * (width - cell_len(cell))
            cells.append(cell + room if index < left else room + cell)
        lines.append("   ".join(cells).rstrip())
    return lines
