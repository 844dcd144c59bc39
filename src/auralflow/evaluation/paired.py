"""Whether one of two models is better on the same tracks, or merely had luck with them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.evaluation.results import Evaluation
from auralflow.metrics import METRICS

__all__ = ["Difference", "Interval", "bootstrap", "differences_between"]

RESAMPLES = 10_000
LEAST_TRACKS = 6
"""With fewer, all of them won prove nothing at this level either: 2 · 2⁻⁵ is above 0.05."""

Verdict = Literal["better", "worse", "not distinguishable", "too few tracks"]


@dataclass(frozen=True)
class Interval:
    """A statistic of the differences with the interval that holds it at 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """One metric of one target: a model's minus the first model's, track by track, in the metric's unit."""

    model: str
    against: str
    target: str
    metric: str
    tracks: int
    """Tracks that both have a number for."""
    median: Interval
    mean: Interval
    won: float
    """Share of the tracks on which the model is better; equal ones count half."""
    verdict: Verdict
    """Of the model, by the interval of the median: better or worse where it does not hold zero."""


def differences_between(first: Evaluation, other: Evaluation) -> list[Difference]:
    """Every metric of every target that both were measured on."""
    found = []
    ones = {track.name: track.scores.scores for track in first.tracks}
    for target, totals in other.summary.totals.items():
        for metric in totals:
            differences = []
            for track in other.tracks:
                mine = track.scores.scores.get(target, {}).get(metric)
                theirs = ones.get(track.name, {}).get(target, {}).get(metric)
                if mine and theirs and not math.isnan(mine.value) and not math.isnan(theirs.value):
                    # Both may be infinite, and equal then.
                    equal = mine.value == theirs.value
                    differences.append(0.0 if equal else mine.value - theirs.value)
            if differences:
                found.append(
                    _difference(differences, other.model, first.model, target=target, metric=metric)
                )
    return found


def _difference(
    differences: list[float], model: str, against: str, *, target: str, metric: str
) -> Difference:
    middle, mean = bootstrap(differences)
    sign = 1 if METRICS[metric].higher_is_better else -1
    won = fmean((sign * difference > 0) + 0.5 * (difference == 0) for difference in differences)
    return Difference(
        model,
        against,
        target,
        metric,
        len(differences),
        middle,
        mean,
        won,
        _verdict(middle, sign, len(differences)),
    )


def _verdict(interval: Interval, sign: int, tracks: int) -> Verdict:
    if tracks < LEAST_TRACKS:
        return "too few tracks"
    if interval.low > 0 or interval.high < 0:
        return "better" if sign * interval.value > 0 else "worse"
    return "not distinguishable"


def bootstrap(differences: Sequence[float], *, seed: int = 0) -> tuple[Interval, Interval]:
    """Median and mean of differences, each with its 95 % percentile interval over 10 000 resamplings of the tracks.

    The same differences give the same interval, and their negatives its mirror image. Infinite differences are ranked
    by the median; where there are any, the mean has no interval, which is then NaN.

    Source: Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    values = np.asarray(differences, np.float64)
    chosen = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
    # Infinite values in the place of the greatest finite ones, far out: the ranks are the same.
    far = 1e12
    medians = np.median(np.clip(values, -far, far)[chosen], axis=1)
    finite = np.isfinite(values).all()
    means = values[chosen].mean(axis=1) if finite else np.full(1, math.nan)
    mean = fmean(differences) if finite else math.nan
    return _interval(median(differences), medians, far), _interval(mean, means, far)


def _interval(value: float, samples: Float[ndarray, " N"], far: float) -> Interval:
    low, high = np.quantile(samples, [0.025, 0.975])
    return Interval(value, _unclipped(float(low), far), _unclipped(float(high), far))


def _unclipped(value: float, far: float) -> float:
    """Infinite again where a resampling was."""
    return math.copysign(math.inf, value) if abs(value) >= far / 4 else value
