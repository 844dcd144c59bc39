"""Small pieces of HTML: numbers, names and colours, the same wherever they stand."""

import math
from html import escape

__all__ = ["model_mark", "number", "sort_key", "text", "track_anchor"]


def text(words: str) -> str:
    """The words as HTML shows them; what cannot be printed becomes `�`, since a name may hold anything."""
    return escape("".join(letter if letter.isprintable() else "�" for letter in words))


def number(value: float) -> str:
    """Two decimals, a true minus sign, `–` for what could not be measured."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def sort_key(value: float) -> str:
    """The number as the page's script reads it."""
    return "" if math.isnan(value) else repr(value).replace("inf", "Infinity")


def model_mark(model: str, place: int) -> str:
    """A model's name behind a dot of its colour."""
    return f'<span class="mark"><span class="dot c{place % 8}"></span><span class="name">{text(model)}</span></span>'


def track_anchor(place: int) -> str:
    """The id of the section of the track heard at that place."""
    return f"track-{place}"
