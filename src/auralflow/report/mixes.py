"""A dataset's stems at a glance: how loud they are, and what each has of every track."""

from pathlib import Path

import numpy as np
from matplotlib.ticker import PercentFormatter

from auralflow.datasets.mixes import Mixes
from auralflow.report.canvas import FAINT, INK, lettering, new_figure, readable, save, style_axes

__all__ = ["plot_mixes"]

_COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb", "#994455")  # fmt: skip
"""Paul Tol's bright scheme, told apart by the colour-blind, and one more."""


def plot_mixes(mixes: Mixes, path: Path) -> None:
    """Draw the levels of the stems beside their shares of each track's energy, as PNG."""
    rows = max(1, len(mixes.tracks))
    figure = new_figure(min(2400, 420 + 22 * rows))
    left, right = figure.subplots(1, 2, width_ratios=(2, 3))
    colours = [_COLOURS[place % len(_COLOURS)] for place in range(len(mixes.stems))]
    for place, (levels, colour) in enumerate(zip(mixes.levels_db, colours, strict=True)):
        if len(levels) > 1 and np.ptp(levels) > 0:
            body = left.violinplot(
                levels, [place], orientation="horizontal", widths=0.85, showmedians=True
            )
            for part in body["bodies"]:
                part.set(facecolor=colour, alpha=0.8)
            for part in ("cmins", "cmaxes", "cbars", "cmedians"):
                body[part].set(color=INK, linewidth=0.8)
    names = [
        f"{readable(name, 18)}\nsounds {share:.0%}"
        for name, share in zip(mixes.stems, mixes.sounding, strict=True)
    ]
    left.set_yticks(range(len(names)), names, **lettering(8))
    left.set_ylim(len(names) - 0.4, -0.6)
    left.set_xlabel("level of a quarter of a second, dB below full scale", **lettering(8))
    left.grid(axis="x", color=FAINT, linewidth=0.6)
    left.set_title("How loud the stems are", **lettering(10))
    start = np.zeros(len(mixes.tracks))
    for place, colour in enumerate(colours):
        share = mixes.energy[:, place]
        right.barh(
            range(len(share)),
            share,
            left=start,
            color=colour,
            height=0.8,
            label=readable(mixes.stems[place], 18),
        )
        start = start + share
    right.set_yticks(
        range(len(mixes.tracks)), [readable(name, 28) for name in mixes.tracks], **lettering(7)
    )
    right.set_ylim(rows - 0.4, -0.6)
    right.set_xlim(0, 1)
    right.xaxis.set_major_formatter(PercentFormatter(1.0))
    right.set_title("What each has of a track's energy", **lettering(10))
    right.legend(
        ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.05), fontsize=8, frameon=False
    )
    for axes in (left, right):
        style_axes(axes)
    save(figure, path)
