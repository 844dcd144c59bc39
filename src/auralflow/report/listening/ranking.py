"""Which model is best, by the medians of a metric and with their spread."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from auralflow.report.listening.page import ListeningPage, MetricRow

__all__ = ["Ranking", "Spread", "rankings"]


@dataclass(frozen=True)
class Spread:
    """How one metric of one model and target is distributed over the tracks."""

    values: Sequence[tuple[str, float]]
    """(track, value) of each track with a number, best last or first as the numbers go up."""
    lower: float
    """The first quartile, by linear interpolation; NaN, like all here, where no track has a number."""
    median: float
    upper: float
    """The third quartile."""

    @property
    def whiskers(self) -> tuple[float, float]:
        """The farthest values within one and a half box widths of the box, as Tukey drew them."""
        reach = 1.5 * (self.upper - self.lower)
        finite = [value for _, value in self.values if math.isfinite(value)]
        inside = [v for v in finite if self.lower - reach <= v <= self.upper + reach]
        return (min(inside), max(inside)) if inside else (self.lower, self.upper)


@dataclass(frozen=True)
class Ranking:
    """All models by one metric, the best first."""

    metric: str
    unit: str
    higher_is_better: bool
    models: Sequence[str]
    targets: Sequence[str]
    spreads: dict[tuple[str, str], Spread]
    """By model and target."""

    def overall(self, model: str) -> float:
        """The mean of the targets' medians, by which models are ranked; NaN unless it has all targets."""
        medians = [self.spreads[model, target].median for target in self.targets]
        if any(map(math.isnan, medians)) or {math.inf, -math.inf} <= set(medians):
            return math.nan
        return fmean(medians)


def rankings(page: ListeningPage) -> list[Ranking]:
    """One ranking for each metric, in the order of the rows; raises `DataError` for a model that is not listed."""
    by_metric: dict[str, list[MetricRow]] = {}
    for row in page.rows:
        by_metric.setdefault(row.metric, []).append(row)
    return [_ranking(page, rows) for rows in by_metric.values()]


def _ranking(page: ListeningPage, rows: Sequence[MetricRow]) -> Ranking:
    first = rows[0]
    for row in rows:
        page.check_model(row.model, "a row")
    models = [model for model in page.models if any(row.model == model for row in rows)]
    targets = list(dict.fromkeys(row.target for row in rows))
    found: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for row in rows:
        if not math.isnan(row.value):
            found.setdefault((row.model, row.target), []).append((row.track, row.value))
    spreads = {
        (model, target): _spread(found.get((model, target), []))
        for model in models
        for target in targets
    }
    ranking = Ranking(first.metric, first.unit, first.higher_is_better, models, targets, spreads)
    return Ranking(
        first.metric,
        first.unit,
        first.higher_is_better,
        sorted(models, key=lambda model: _place(ranking, model)),
        targets,
        spreads,
    )


def _place(ranking: Ranking, model: str) -> tuple[bool, float]:
    """What models are sorted by: those that lack a target come last, in their own order."""
    overall = ranking.overall(model)
    if math.isnan(overall):
        return True, 0.0
    return False, -overall if ranking.higher_is_better else overall


def _spread(values: Sequence[tuple[str, float]]) -> Spread:
    ordered = sorted(values, key=lambda pair: pair[1])
    numbers = [value for _, value in ordered]
    return Spread(ordered, *(_quantile(numbers, share) for share in (0.25, 0.5, 0.75)))


def _quantile(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return math.nan
    place = share * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    # Between two infinities, or from one, there is no line.
    return (
        below if below == above else below + (above - below) * (place % 1) if place % 1 else below
    )
