"""Which tracks are worth hearing, and which seconds of them."""

import math
from collections.abc import Sequence
from statistics import fmean

import numpy as np

from auralflow.errors import ConfigError
from auralflow.report.listening.page import MetricRow
from auralflow.report.spectrogram import loudest_start
from auralflow.shapes import Audio

__all__ = ["choose_excerpt", "choose_tracks"]


def choose_excerpt(
    stems: Sequence[Audio], *, sample_rate: int, seconds: float = 12.0
) -> tuple[int, int]:
    """First sample and the one after the last of the `seconds` in which the stems sound most, each counted alike.

    Each stem's energy is divided by its whole, so that a quiet voice counts as much as loud drums; silent stems count
    nothing. What is shorter than `seconds` is taken whole.
    """
    if not stems or not seconds > 0:
        raise ConfigError(
            f"an excerpt of {seconds:g} s of {len(stems)} stems cannot be chosen: "
            "give at least one stem and a length above 0"
        )
    samples = stems[0].shape[-1]
    wanted = min(samples, max(1, round(seconds * sample_rate)))
    energies = [np.square(stem, dtype=np.float64).sum(0) for stem in stems]
    shares = [energy / energy.sum() for energy in energies if energy.sum() > 0]
    # `loudest_start` squares what it is given.
    start = loudest_start(np.sqrt(np.sum(shares, axis=0))[None], wanted) if shares else 0
    return start, start + wanted


def choose_tracks(
    rows: Sequence[MetricRow], *, most: int = 3, metric: str | None = None
) -> list[str]:
    """Names of at most `most` tracks, from the best to the worst, with both and the middle, evenly spaced by rank.

    Tracks are ranked by the mean of `metric`, by default the first of the rows, over models and targets. Tracks
    without a number are left out, unless there are none with one.
    """
    if most < 1:
        raise ConfigError(f"{most} tracks cannot be chosen: give 1 or more")
    metric = metric or (rows[0].metric if rows else None)
    chosen = [row for row in rows if row.metric == metric]
    values: dict[str, list[float]] = {}
    for row in chosen:
        values.setdefault(row.track, [])
        if not math.isnan(row.value):
            values[row.track].append(row.value if row.higher_is_better else -row.value)
    means = {track: _mean(found) for track, found in values.items() if found}
    ranked = sorted(means, key=lambda track: -means[track]) or list(values)
    if len(ranked) <= most:
        return ranked
    if most == 1:
        return [ranked[(len(ranked) - 1) // 2]]
    return [ranked[round(place * (len(ranked) - 1) / (most - 1))] for place in range(most)]


def _mean(values: Sequence[float]) -> float:
    """The mean; what is perfect beside what is infinitely bad counts as bad, so that it can be ranked."""
    return -math.inf if -math.inf in values else fmean(values)
