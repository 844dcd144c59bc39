"""The numbers of a report: the ranking, the box plots and every track, for each metric."""

import math
from collections.abc import Sequence

from auralflow.report.listening.boxes import box_plots
from auralflow.report.listening.markup import model_mark, number, sort_key, text
from auralflow.report.listening.page import ListeningPage
from auralflow.report.listening.ranking import Ranking, rankings

__all__ = ["score_sections"]


def score_sections(page: ListeningPage) -> str:
    """HTML with one panel for each metric, of which the page's script shows the chosen one; empty without rows."""
    found = rankings(page)
    if not found:
        return ""
    choice = "".join(
        f'<button type="button" role="tab" aria-selected="{str(place == 0).lower()}" '
        f'aria-controls="metric-{place}" id="tab-{place}" tabindex="{-1 if place else 0}" '
        f'data-metric="{text(ranking.metric)}">{text(ranking.metric)}</button>'
        for place, ranking in enumerate(found)
    )
    tabs = f'<div class="tabs" role="tablist" aria-label="Metric">{choice}</div>'
    panels = "".join(
        f'<div class="panel" role="tabpanel" id="metric-{place}" aria-labelledby="tab-{place}"'
        f"{' hidden' if place else ''}>{_panel(ranking, page.models)}</div>"
        for place, ranking in enumerate(found)
    )
    return (
        f'<section class="scores"><div class="bar"><h2>Ranking</h2>{tabs}</div>{panels}</section>'
    )


def _panel(ranking: Ranking, colours: Sequence[str]) -> str:
    plots = box_plots(ranking, colours)
    return (
        f"{_ranking_table(ranking, colours)}{plots and f'<h3>Spread over the tracks</h3>{plots}'}"
        f"<h3>Track by track</h3>{_track_table(ranking)}"
    )


def _ranking_table(ranking: Ranking, colours: Sequence[str]) -> str:
    several = len(ranking.targets) > 1
    columns = ["mean"] if several else []
    heads = "".join(
        _head(column, ranking.higher_is_better) for column in [*columns, *ranking.targets]
    )
    best = {target: _best(ranking, [(m, ranking.spreads[m, target].median) for m in ranking.models])
            for target in ranking.targets}  # fmt: skip
    leaders = _best(ranking, [(model, ranking.overall(model)) for model in ranking.models])
    rows = []
    for model in ranking.models:
        cells = []
        if several:
            overall = ranking.overall(model)
            mark = ' class="best"' if model in leaders else ""
            cells.append(f'<td{mark} data-value="{sort_key(overall)}">{number(overall)}</td>')
        for target in ranking.targets:
            spread = ranking.spreads[model, target]
            quartiles = (
                f'<small title="middle half of {len(spread.values)} tracks">'
                f"{number(spread.lower)} … {number(spread.upper)}</small>"
                if spread.values
                else ""
            )
            mark = ' class="best"' if model in best[target] else ""
            cells.append(
                f'<td{mark} data-value="{sort_key(spread.median)}">{number(spread.median)}{quartiles}</td>'
            )
        name = model_mark(model, colours.index(model))
        rows.append(f'<tr><td class="rank"></td><th scope="row">{name}</th>{"".join(cells)}</tr>')
    better = "higher is better" if ranking.higher_is_better else "lower is better"
    unit = f" in {ranking.unit}" if ranking.unit else ""
    return (
        f'<p class="note">{text(ranking.metric)}{text(unit)}, {better}: the median over the tracks, and below it '
        f"the middle half of them{'; models are ranked by the mean of the medians' if several else ''}.</p>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="Ranking by {text(ranking.metric)}">'
        f'<table class="sortable ranking"><thead><tr><th scope="col" class="rank"><span class="unseen">rank</span></th>'
        f'<th scope="col">{_sorter("model", ascending=True)}</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _track_table(ranking: Ranking) -> str:
    values = {
        (track, target, model): value
        for (model, target), spread in ranking.spreads.items()
        for track, value in spread.values
    }
    tracks = list(dict.fromkeys(track for track, _, _ in values))
    heads = "".join(
        f'<th scope="col">{_sorter(model, ascending=not ranking.higher_is_better)}</th>'
        for model in ranking.models
    )
    rows = []
    for track in sorted(tracks, key=str.casefold):
        for target in ranking.targets:
            found = [
                (model, values.get((track, target, model), math.nan)) for model in ranking.models
            ]
            best = _best(ranking, found)
            cells = "".join(
                f'<td{" class=best" if model in best else ""} data-value="{sort_key(value)}">{number(value)}</td>'
                for model, value in found
            )
            rows.append(
                f'<tr><th scope="row" data-track="{text(track)}">{text(track)}</th><td>{text(target)}</td>{cells}</tr>'
            )
    return (
        f'<div class="scroll tall" tabindex="0" role="region" aria-label="{text(ranking.metric)} of every track">'
        f'<table class="sortable"><thead><tr><th scope="col">{_sorter("track", ascending=True)}</th>'
        f'<th scope="col">{_sorter("stem", ascending=True)}</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _best(ranking: Ranking, found: Sequence[tuple[str, float]]) -> set[str]:
    """The models with the best number, where there is anything to beat."""
    numbers = [value for _, value in found if not math.isnan(value)]
    if len(numbers) < 2:
        return set()
    top = max(numbers) if ranking.higher_is_better else min(numbers)
    return {model for model, value in found if value == top}


def _head(words: str, higher_is_better: bool) -> str:
    return f'<th scope="col">{_sorter(words, ascending=not higher_is_better)}</th>'


def _sorter(words: str, *, ascending: bool) -> str:
    """A column's heading, by which the page's script sorts, first in the order in which the best comes first."""
    first = "ascending" if ascending else "descending"
    return f'<button type="button" data-first="{first}">{text(words)}</button>'
