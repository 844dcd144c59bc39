"""Many tracks in one number."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from auralflow.metrics.scores import Score, TrackScores

__all__ = ["Summary", "Total", "summarise"]


@dataclass(frozen=True)
class Total:
    """One metric of one source over all tracks, in the metric's unit; NaN where no track has a number."""

    median: float
    """Over the tracks' values: how published results on MUSDB18 are given."""
    mean: float
    lower_quartile: float
    """A quarter of the tracks' values are below it, taken linearly between two."""
    upper_quartile: float
    gain_median: float
    """Over the tracks' gains over the mixture, which is not the gain of the median."""
    gain_mean: float
    tracks: int
    """Tracks with a number."""
    tracks_left_out: int
    """Tracks without, since the source is silent in them."""
    perfect: int
    """Tracks whose number is +inf: median and mean are +inf too once these outweigh the rest."""
    counted: int
    """Frames measured in all tracks; for a metric of the whole track, tracks."""
    left_out: int
    """Frames left out in all tracks; for a metric of the whole track, tracks."""


@dataclass(frozen=True)
class Summary:
    """Every metric of every source over all tracks."""

    tracks: int
    seconds: float
    totals: Mapping[str, Mapping[str, Total]]
    """By source, then by the metric's name."""


def summarise(tracks: Sequence[TrackScores]) -> Summary:
    """Median and mean over the tracks; what is NaN in a track is left out and counted, never a number.

    Sources come in the order in which the tracks first name them; a track that was not asked for a source counts
    nowhere for it.
    """
    named = {source: tuple(metrics) for track in tracks for source, metrics in track.scores.items()}
    return Summary(
        tracks=len(tracks),
        seconds=sum(track.seconds for track in tracks),
        totals={
            source: {
                metric: _total(
                    [track.scores[source][metric] for track in tracks if source in track.scores]
                )
                for metric in metrics
            }
            for source, metrics in named.items()
        },
    )


def _total(scores: Sequence[Score]) -> Total:
    values = [score.value for score in scores if not math.isnan(score.value)]
    gains = [score.gain for score in scores if not math.isnan(score.gain)]
    return Total(
        median=median(values) if values else math.nan,
        mean=_mean(values),
        lower_quartile=_quantile(values, 0.25),
        upper_quartile=_quantile(values, 0.75),
        gain_median=median(gains) if gains else math.nan,
        gain_mean=_mean(gains),
        tracks=len(values),
        tracks_left_out=len(scores) - len(values),
        perfect=values.count(math.inf),
        counted=sum(score.counted for score in scores),
        left_out=sum(score.left_out for score in scores),
    )


def _mean(values: Sequence[float]) -> float:
    """Mean, NaN for none and for +inf beside −inf."""
    opposed = math.inf in values and -math.inf in values
    return fmean(values) if values and not opposed else math.nan


def _quantile(values: Sequence[float], share: float) -> float:
    """The value so far up the ranks, between two of them in proportion; infinite only where the nearer ones are."""
    if not values:
        return math.nan
    ranked = sorted(values)
    place = share * (len(ranked) - 1)
    below = math.floor(place)
    weight = place - below
    if weight == 0 or ranked[below] == ranked[below + 1]:
        return ranked[below]
    return (1 - weight) * ranked[below] + weight * ranked[below + 1]
