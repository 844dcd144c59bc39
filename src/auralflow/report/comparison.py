"""An estimate beside the truth, with the difference: as spectrograms and as waveforms."""

from typing import Any

import numpy as np
from jaxtyping import Float

from auralflow.errors import DataError
from auralflow.report.canvas import (
    FAINT,
    FAMILY,
    INK,
    lettering,
    new_figure,
    png_of,
    readable,
    style_axes,
)
from auralflow.report.levels import RANGE_DB, levels_db, show_levels
from auralflow.report.spectrogram import log_spectrogram, top_frequency
from auralflow.shapes import Audio

__all__ = ["spectrogram_comparison", "waveform_comparison"]

_COLUMNS = 1000
_DIFFERENCE_DB = 30.0
_ESTIMATE, _TRUTH, _RESIDUAL = "#e07a1f", "#3b6fb6", "#555555"


def spectrogram_comparison(
    *, estimate: Audio, truth: Audio, sample_rate: int, title: str, start_seconds: float = 0.0
) -> bytes:
    """A PNG, 1200 pixels wide: the spectrogram of an estimate, below it that of the truth, below it the difference of levels.

    The first two share one scale, in dB below the loudest point of both. The difference is the level of the estimate less that
    of the truth, each at least 70 dB below that point: red is too much, blue too little. The time axis begins at
    `start_seconds`.

    Raises `DataError` if the lengths differ or are zero.
    """
    _check(estimate, truth)
    images = {
        name: log_spectrogram(audio, sample_rate=sample_rate, columns=_COLUMNS)
        for name, audio in (("Estimate", estimate), ("Truth", truth))
    }
    loudest = max(*(image.max() for image in images.values()), np.finfo(float).tiny)
    levels = {name: levels_db(image, loudest) for name, image in images.items()}
    span = (start_seconds, start_seconds + truth.shape[-1] / sample_rate)
    top = top_frequency(sample_rate)

    figure = new_figure(1070)
    figure.suptitle(readable(title), **lettering(11))
    *pair, last = figure.subplots(3, 1, sharex=True)
    for axes, (name, image) in zip(pair, levels.items(), strict=True):
        picture = show_levels(axes, image, span=span, top=top, limits=(-RANGE_DB, 0.0))
        _name(axes, name)
    bar = figure.colorbar(picture, ax=pair, fraction=0.025, pad=0.015, aspect=30)
    bar.set_label("level in dB, 0 at the loudest point", **lettering())
    difference = show_levels(
        last,
        levels["Estimate"] - levels["Truth"],
        span=span,
        top=top,
        limits=(-_DIFFERENCE_DB, _DIFFERENCE_DB),
        colours="RdBu_r",
    )
    _name(last, "Estimate less truth: red is too much, blue too little")
    other = figure.colorbar(difference, ax=last, fraction=0.025, pad=0.015, aspect=15)
    other.set_label("difference in dB", **lettering())
    for scale in (bar, other):
        style_axes(scale.ax)
    last.set_xlabel("time in s", **lettering())
    figure.supylabel("frequency in Hz", **lettering())
    return png_of(figure)


def waveform_comparison(
    *, estimate: Audio, truth: Audio, sample_rate: int, title: str, start_seconds: float = 0.0
) -> bytes:
    """A PNG, 1200 pixels wide: the waveform of an estimate over that of the truth, below it estimate minus truth.

    Channels are averaged. Both panels have one scale, that of the loudest sample, and full scale is 1.

    Raises `DataError` if the lengths differ or are zero.
    """
    _check(estimate, truth)
    seconds = truth.shape[-1] / sample_rate
    true, estimated = _mono(truth), _mono(estimate)
    residual = estimated - true
    figure = new_figure(640)
    figure.suptitle(readable(title), **lettering(11))
    above, below = figure.subplots(2, 1, sharex=True, sharey=True)
    _draw(above, true, seconds, start_seconds, colour=_TRUTH, alpha=0.55, label="truth")
    _draw(above, estimated, seconds, start_seconds, colour=_ESTIMATE, alpha=0.6, label="estimate")
    above.legend(
        loc="upper right",
        ncols=2,
        frameon=False,
        labelcolor=INK,
        prop={"family": FAMILY, "size": 9},
    )
    _name(above, "Estimate over truth")
    _draw(below, residual, seconds, start_seconds, colour=_RESIDUAL, alpha=0.8, label="")
    _name(below, "Estimate minus truth")
    peak = max(1e-3, *(float(np.abs(wave).max()) for wave in (true, estimated, residual)))
    for axes in (above, below):
        axes.set_xlim(start_seconds, start_seconds + seconds)
        axes.set_ylim(-1.2 * peak, 1.2 * peak)
        axes.axhline(0, color=INK, linewidth=0.4)
        axes.grid(color=FAINT, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        style_axes(axes)
    below.set_xlabel("time in s", **lettering())
    figure.supylabel("amplitude, full scale is 1", **lettering())
    return png_of(figure)


def _check(estimate: Audio, truth: Audio) -> None:
    lengths = (estimate.shape[-1], truth.shape[-1])
    if lengths[0] != lengths[1] or not lengths[0]:
        raise DataError(
            f"an estimate of {lengths[0]} samples cannot be drawn beside a truth of {lengths[1]}: give one length above 0"
        )


def _mono(audio: Audio) -> Float[np.ndarray, " samples"]:
    wave: Float[np.ndarray, " samples"] = audio.astype(np.float64).mean(0)
    return wave


def _name(axes: Any, name: str) -> None:
    axes.set_title(readable(name), loc="left", pad=4, **lettering(9.5))


def _draw(
    axes: Any,
    wave: Float[np.ndarray, " samples"],
    seconds: float,
    start: float,
    *,
    colour: str,
    alpha: float,
    label: str,
) -> None:
    """From the lowest to the highest sample of each column, as audio editors do."""
    columns = min(_COLUMNS, len(wave))
    edges = np.linspace(0, len(wave), columns, endpoint=False).astype(int)
    low, high = np.minimum.reduceat(wave, edges), np.maximum.reduceat(wave, edges)
    times = start + (np.arange(columns) + 0.5) * seconds / columns
    axes.fill_between(
        times, low, high, color=colour, alpha=alpha, linewidth=0.6, label=label or None
    )
