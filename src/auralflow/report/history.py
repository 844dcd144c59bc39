"""How a training run went, epoch by epoch."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator, NullLocator

from auralflow.errors import DataError
from auralflow.report.canvas import (
    FAINT,
    FAMILY,
    INK,
    lettering,
    new_figure,
    readable,
    save,
    style_axes,
)

__all__ = ["plot_history"]

_TRAIN, _VALID = "#e07a1f", "#3b6fb6"
_LOSSES = (("training", "train_loss", _TRAIN), ("validation", "valid_loss", _VALID))


def plot_history(
    path: Path, history: Sequence[Mapping[str, float | None]], *, title: str = "Training"
) -> None:
    """Write a PNG, 1200 pixels wide: the losses of each epoch above, the SDR of the validation below.

    Each entry has `epoch` and any of `train_loss`, `valid_loss` and `valid_sdr` (in dB); epochs where one is absent,
    None or not finite are passed over. The best SDR is marked. A panel for which no epoch has a number is left out.

    Raises `DataError` if there is nothing to draw, and `OutputError` if the file cannot be written.
    """
    losses = {
        name: (points, colour) for name, key, colour in _LOSSES if (points := _points(history, key))
    }
    sdr = _points(history, "valid_sdr")
    panels = bool(losses) + bool(sdr)
    if not panels:
        raise DataError(
            f"a history of {len(history)} epochs has neither losses nor SDR: train one epoch first"
        )

    figure = new_figure(150 + 330 * panels)
    figure.suptitle(readable(title), **lettering(11))
    rows = list(figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0])
    if losses:
        _draw_losses(rows[0], losses)
    if sdr:
        _draw_sdr(rows[-1], sdr)
    for axes in rows:
        axes.grid(color=FAINT, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        style_axes(axes)
    rows[-1].set_xlabel("epoch", **lettering())
    figure.align_ylabels(rows)
    save(figure, path)


Points = list[tuple[float, float]]


def _points(history: Sequence[Mapping[str, float | None]], key: str) -> Points:
    """(epoch, value) of each epoch that has a number."""
    pairs = [(entry.get("epoch"), entry.get(key)) for entry in history]
    return [(e, v) for e, v in pairs if e is not None and v is not None and math.isfinite(v)]


def _line(axes: Any, points: Points, colour: str) -> None:
    """A line with a dot for each epoch while they can be told apart, as a lone epoch is a dot only."""
    epochs, values = zip(*points, strict=True)
    dots = "o" if len(points) <= 60 else ""
    axes.plot(epochs, values, color=colour, linewidth=1.6, marker=dots, markersize=3.5)


def _draw_losses(axes: Any, losses: Mapping[str, tuple[Points, str]]) -> None:
    """Both losses, on a logarithmic scale if they span much, so that late progress shows beside early."""
    for points, colour in losses.values():
        _line(axes, points, colour)
    axes.legend(
        axes.get_lines(),
        list(losses),
        frameon=False,
        labelcolor=INK,
        prop={"family": FAMILY, "size": 9},
    )
    values = [value for points, _ in losses.values() for _, value in points]
    if min(values) > 0 and max(values) > 5 * min(values):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
        axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylabel("loss", **lettering())


def _draw_sdr(axes: Any, sdr: Points) -> None:
    _line(axes, sdr, _VALID)
    epoch, best = max(sdr, key=lambda point: point[1])
    axes.plot([epoch], [best], marker="o", markersize=8, markerfacecolor="none", color=INK)
    axes.set_title(f"best: {best:.2f} dB in epoch {epoch:g}", loc="right", pad=4, **lettering())
    axes.set_ylabel("validation SDR in dB", **lettering())
