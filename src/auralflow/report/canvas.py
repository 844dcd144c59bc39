"""Figures without pyplot, so that nothing of matplotlib's global state is touched, and their way into a file."""

from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from auralflow.files import write_whole

__all__ = [
    "FAINT",
    "FAMILY",
    "INK",
    "lettering",
    "new_figure",
    "png_of",
    "readable",
    "save",
    "style_axes",
]

WIDTH_PIXELS = 1200
_DPI = 150
FAMILY = "DejaVu Sans"
"""Comes with matplotlib, so a picture is the same on every machine."""
INK = "#222222"
FAINT = "#d9d9d9"


def new_figure(height_pixels: int) -> Figure:
    """An empty figure 1200 pixels wide, laid out so that no label is cut off."""
    figure = Figure(
        figsize=(WIDTH_PIXELS / _DPI, height_pixels / _DPI),
        dpi=_DPI,
        facecolor="white",
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    return figure


def readable(words: str, longest: int = 90) -> str:
    """The words as the font can set them on one line, the end cut off beyond `longest` letters.

    What it has no glyph for becomes a box, since matplotlib would warn of each.
    """
    glyphs = get_font(findfont(FontProperties(family=FAMILY)))
    known = "".join(
        letter if letter.isprintable() and glyphs.get_char_index(ord(letter)) else "□"
        for letter in words
    )
    return known if len(known) <= longest else known[: longest - 1] + "…"


def lettering(size: float = 9) -> dict[str, Any]:
    """How matplotlib sets words; taken as they are, so that a `$` in a name starts no formula."""
    return {"fontsize": size, "fontfamily": FAMILY, "color": INK, "parse_math": False}


def style_axes(axes: Any) -> None:
    """Small figures on the ticks, and a frame that does not compete with the picture."""
    axes.tick_params(labelsize=8, labelfontfamily=FAMILY, colors=INK, length=3)
    for spine in axes.spines.values():
        spine.set_color(INK)
        spine.set_linewidth(0.6)


def save(figure: Figure, path: Path) -> None:
    """Write the figure as PNG, whole or not at all; raises `OutputError` if it cannot be written."""
    write_whole(path, png_of(figure))


def png_of(figure: Figure) -> bytes:
    """The figure as a PNG file in memory; the same figure gives the same bytes."""
    content = BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()
