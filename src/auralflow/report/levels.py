"""A spectrogram on its axes: seconds, and the logarithm of Hz."""

from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from auralflow.report.canvas import style_axes
from auralflow.report.spectrogram import LOWEST_HZ

__all__ = ["RANGE_DB", "levels_db", "show_levels"]

RANGE_DB = 70.0
"""What lies further below the loudest point is drawn as silence."""
_FREQUENCIES = (100, 200, 500, 1000, 2000, 5000, 10_000)

Image = Float[np.ndarray, "rows columns"]


def levels_db(image: Image, loudest: float) -> Image:
    """Power as level below that of the loudest point, from -70 dB to 0."""
    levels: Image = 10 * np.log10(np.maximum(image / loudest, 10 ** (-RANGE_DB / 10)))
    return levels


def show_levels(
    axes: Any,
    levels: Image,
    *,
    span: tuple[float, float],
    top: float,
    limits: tuple[float, float],
    colours: str = "magma",
) -> Any:
    """Draw a spectrogram that begins and ends at `span`, in seconds, and reaches up to `top` Hz."""
    lowest = min(LOWEST_HZ, top / 2)
    picture = axes.imshow(
        levels,
        origin="lower",
        aspect="auto",
        extent=(*span, np.log2(lowest), np.log2(top)),
        cmap=colours,
        vmin=limits[0],
        vmax=limits[1],
        interpolation="bilinear",
    )
    ticks = [frequency for frequency in _FREQUENCIES if lowest <= frequency <= top]
    axes.yaxis.set_major_locator(FixedLocator([np.log2(tick) for tick in ticks]))
    axes.yaxis.set_major_formatter(FixedFormatter([_hertz(tick) for tick in ticks]))
    axes.yaxis.set_minor_locator(NullLocator())
    style_axes(axes)
    return picture


def _hertz(frequency: int) -> str:
    return f"{frequency // 1000}k" if frequency >= 1000 else str(frequency)
