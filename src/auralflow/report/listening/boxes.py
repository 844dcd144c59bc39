"""Box plots as HTML: boxes placed in percent, so that they fit every width while their words keep their size."""

import math
from collections.abc import Sequence

from matplotlib.ticker import MaxNLocator

from auralflow.report.listening.markup import model_mark, number, text
from auralflow.report.listening.ranking import Ranking, Spread

__all__ = ["box_plots"]


def box_plots(ranking: Ranking, colours: Sequence[str]) -> str:
    """One plot for each target, on one scale; a line for each model, a dot for each track.

    `colours` are all models of the page, in the order of their colours.
    """
    finite = [
        value
        for spread in ranking.spreads.values()
        for _, value in spread.values
        if math.isfinite(value)
    ]
    if not finite:
        return ""
    ticks = MaxNLocator(nbins=6, min_n_ticks=2).tick_values(min(finite), max(finite))
    scale = _Scale(float(ticks[0]), float(ticks[-1]))
    plots = []
    for target in ranking.targets:
        lines = [
            f'<div class="boxline"><div class="boxname">{model_mark(model, colours.index(model))}</div>'
            f"{_box(ranking.spreads[model, target], scale, colours.index(model), ranking.unit)}</div>"
            for model in ranking.models
        ]
        axis = "".join(
            f'<span style="left:{scale.percent(tick)}">{_tick(tick)}</span>' for tick in ticks
        )
        plots.append(
            f'<figure class="boxes"><figcaption>{text(target)}</figcaption>{"".join(lines)}'
            f'<div class="boxline axis"><div class="boxname">{text(_axis_label(ranking))}</div>'
            f'<div class="boxarea">{axis}</div></div></figure>'
        )
    return f'<div class="plots">{"".join(plots)}</div>'


class _Scale:
    """From values to places, in percent of the width."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = low, high

    def share(self, value: float) -> float:
        return 100 * (min(max(value, self._low), self._high) - self._low) / (self._high - self._low)

    def percent(self, value: float) -> str:
        return f"{self.share(value):.2f}%"

    def span(self, start: float, end: float) -> str:
        return f"left:{self.percent(start)};width:{self.share(end) - self.share(start):.2f}%"


def _box(spread: Spread, scale: _Scale, colour: int, unit: str) -> str:
    """The box, or words for a model without a number."""
    if not spread.values:
        return '<div class="boxarea none">no number</div>'
    unit = f" {unit}" if unit else ""
    said = (
        f"median {number(spread.median)}{unit}, middle half {number(spread.lower)} to "
        f"{number(spread.upper)}{unit}, {len(spread.values)} tracks"
    )
    dots = "".join(
        f'<i class="point" style="left:{scale.percent(value)}" '
        f'title="{text(track)}: {number(value)}{text(unit)}"></i>'
        for track, value in spread.values
    )
    return (
        f'<div class="boxarea c{colour % 8}" role="img" aria-label="{text(said)}" title="{text(said)}">'
        f'<i class="whisker" style="{scale.span(*spread.whiskers)}"></i>'
        f'<i class="box" style="{scale.span(spread.lower, spread.upper)}"></i>'
        f'{dots}<i class="middle" style="left:{scale.percent(spread.median)}"></i></div>'
    )


def _axis_label(ranking: Ranking) -> str:
    return f"{ranking.metric}, {ranking.unit}" if ranking.unit else ranking.metric


def _tick(value: float) -> str:
    return f"{value + 0.0:g}".replace("-", "−")
