"""Plain text in aligned columns."""

import math
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

__all__ = [
    "align",
    "counted",
    "decibels",
    "duration",
    "fitted",
    "indented",
    "printable",
    "side_by_side",
    "span",
]

NOTHING = "–"
WIDTH = 80
NAME_WIDTH = 31
"""Columns that the name of a track or a model may take."""
_GAP = 3


def decibels(value: float, *, signed: bool = False) -> str:
    """Two decimals; `–` for NaN, `∞` for infinity, never −0.00."""
    if math.isnan(value):
        return NOTHING
    sign = "+" if signed else ""
    if math.isinf(value):
        return "-∞" if value < 0 else f"{sign}∞"
    return f"{round(value, 2) + 0.0:{sign}.2f}"


def span(low: float, high: float, *, signed: bool = False) -> str:
    """`1.20 to 3.40`; `–` where there is none."""
    if math.isnan(low) or math.isnan(high):
        return NOTHING
    return f"{decibels(low, signed=signed)} to {decibels(high, signed=signed)}"


def counted(number: int, noun: str) -> str:
    """`1 track`, `2 tracks`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


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
        lines.append((_GAP * " ").join(cells).rstrip())
    return lines


def fitted(rows: Sequence[Sequence[str]], column: int) -> list[list[str]]:
    """The rows with one column's cells cut so that the table is `WIDTH` columns wide at most, if that can be."""
    widths = [max(map(cell_len, cells)) for cells in zip(*rows, strict=True)]
    room = WIDTH - 2 - sum(widths) + widths[column] - _GAP * (len(widths) - 1)
    return [
        [
            printable(cell, max(12, room)) if place == column else cell
            for place, cell in enumerate(row)
        ]
        for row in rows
    ]


def indented(lines: Sequence[str]) -> list[str]:
    """The lines two columns in."""
    return [f"  {line}".rstrip() for line in lines]


def side_by_side(
    names: Sequence[str], groups: Sequence[Sequence[Sequence[str]]], *, width: int = WIDTH
) -> list[str]:
    """A table of groups of columns behind a column of names; where they are too wide, one below the other.

    Each column begins with its heading. A group is never torn apart.
    """
    room = width - 2 - max(map(cell_len, names))
    tables: list[list[Sequence[str]]] = []
    left = -1
    for group in groups:
        wide = sum(_GAP + max(map(cell_len, column)) for column in group)
        if wide > left:
            tables.append([])
            left = room
        tables[-1] += group
        left -= wide
    lines: list[str] = []
    for columns in tables:
        rows = list(zip(names, *columns, strict=True))
        lines += [*([""] if lines else []), *indented(align(rows, left=1))]
    return lines
