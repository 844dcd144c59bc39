"""One picture of a separation: mixture, estimate and truth above one another, on one scale."""

from pathlib import Path

import numpy as np

from auralflow.errors import DataError
from auralflow.report.canvas import lettering, new_figure, readable, save, style_axes
from auralflow.report.levels import RANGE_DB, levels_db, show_levels
from auralflow.report.spectrogram import log_spectrogram, loudest_start, top_frequency
from auralflow.shapes import Audio

__all__ = ["plot_separation"]

_COLUMNS = 1000


def plot_separation(
    path: Path,
    *,
    mixture: Audio,
    estimate: Audio,
    truth: Audio | None,
    sample_rate: int,
    title: str,
    target: str,
    excerpt_seconds: float = 10.0,
) -> None:
    """Write a PNG, 1200 pixels wide, of the spectrograms of a mixture, an estimate and, where known, the truth.

    All share one colour scale, in dB below the loudest point of any of them, and one time axis. Of longer audio the
    `excerpt_seconds` are shown in which the truth, or without it the estimate, is loudest.

    Raises `DataError` if the lengths differ or are zero, and `OutputError` if the file cannot be written.
    """
    name = target[:1].upper() + target[1:]
    panels = {"Mixture": mixture, f"{name}, separated": estimate}
    if truth is not None:
        panels[f"{name}, true"] = truth
    lengths = {panel: audio.shape[-1] for panel, audio in panels.items()}
    samples = mixture.shape[-1]
    if set(lengths.values()) != {samples} or samples == 0:
        told = ", ".join(f"{panel} {length}" for panel, length in lengths.items())
        raise DataError(f"a picture of {told} samples cannot be drawn: give one length above 0")

    shown = min(samples, max(1, round(excerpt_seconds * sample_rate)))
    start = loudest_start(estimate if truth is None else truth, shown)
    images = {
        panel: log_spectrogram(
            audio[:, start : start + shown], sample_rate=sample_rate, columns=_COLUMNS
        )
        for panel, audio in panels.items()
    }
    span = (start / sample_rate, (start + shown) / sample_rate)
    _draw(path, images, span=span, top=top_frequency(sample_rate), title=title)


def _draw(
    path: Path,
    images: dict[str, np.ndarray],
    *,
    span: tuple[float, float],
    top: float,
    title: str,
) -> None:
    figure = new_figure(170 + 300 * len(images))
    figure.suptitle(readable(title), **lettering(11))
    rows = figure.subplots(len(images), 1, sharex=True, squeeze=False)[:, 0]
    loudest = max(*(image.max() for image in images.values()), np.finfo(float).tiny)
    for axes, (name, image) in zip(rows, images.items(), strict=True):
        picture = show_levels(
            axes, levels_db(image, loudest), span=span, top=top, limits=(-RANGE_DB, 0.0)
        )
        axes.set_title(readable(name), loc="left", pad=4, **lettering(9.5))
    rows[-1].set_xlabel("time in s", **lettering())
    figure.supylabel("frequency in Hz", **lettering())
    bar = figure.colorbar(picture, ax=list(rows), fraction=0.025, pad=0.015, aspect=45)
    bar.set_label("level in dB, 0 at the loudest point", **lettering())
    style_axes(bar.ax)
    save(figure, path)
