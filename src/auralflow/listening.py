"""What was measured, to be heard: an evaluation and its songs as one page.

evaluation ─▶ numbers ──────────────────────────────────────┐
└─▶ best, worst and middle track ─▶ fullest seconds ─▶ separated again ─▶ page
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from auralflow.datasets.tracks import Track
from auralflow.evaluation import Comparison, Evaluation
from auralflow.evaluation.contender import Blocks
from auralflow.evaluation.lineup import Entry, line_up
from auralflow.metrics import METRICS
from auralflow.report.listening import (
    ListeningPage,
    ListeningTrack,
    MetricRow,
    choose_tracks,
    write_listening_report,
)
from auralflow.shapes import Audio
from auralflow.training.excerpts import Span, fullest_span

__all__ = ["write_listening_page"]

log = logging.getLogger(__name__)

_MIXTURE = "mixture"
"""The contender whose estimates are the mixture, which the player has anyway."""
_MOST_CHANNELS = 2

TrackDone = Callable[[int, int, str], None]


def write_listening_page(
    path: str | Path,
    result: Evaluation | Comparison,
    *,
    models: Sequence[str | Path] = (),
    songs: int = 3,
    seconds: float = 12.0,
    progress: TrackDone | None = None,
    **lineup: Any,
) -> Path:
    """Write a page with the numbers of an evaluation and a player for some of its tracks; return its path.

    `models` and `lineup`, such as `data`, `estimates`, `oracles`, `split`, `tracks` and `options`, are what the evaluation
    was given: the chosen tracks are separated again, up to the end of the `seconds` in which their targets sound most.
    They are the best and the worst by the first metric, and those evenly between. Of tracks with more than two channels
    there are numbers only.

    Raises the errors of `auralflow.compare`, and `OutputError` where the page cannot be written.
    """
    evaluations = (result,) if isinstance(result, Evaluation) else result.evaluations
    opened = line_up(models, **lineup)
    rows = [row for evaluation in evaluations for row in _rows(evaluation)]
    rivals = {entry.contender.name for entry in opened.entries if not entry.is_reference}
    known = {track.name: track for track in opened.tracks if track.channels <= _MOST_CHANNELS}
    ranked = [row for row in rows if row.model in rivals and row.track in known]
    chosen = choose_tracks(ranked, most=songs) if ranked and songs else []
    page = ListeningPage(
        title=" and ".join(sorted(rivals)) if len(rivals) < 3 else f"{len(rivals)} models",
        models=[evaluation.model for evaluation in evaluations],
        rows=rows,
        tracks=_players(
            [known[name] for name in chosen], opened.entries, seconds=seconds, progress=progress
        ),
        facts=[f"{_names(lineup['data'])}: {len(opened.tracks)} tracks"],
    )
    place = Path(path).expanduser()
    write_listening_report(place, page)
    return place


def _names(data: str | Path | Sequence[str | Path]) -> str:
    """Of datasets, without the folders they lie in: the page may be sent to others."""
    given = [data] if isinstance(data, str | Path) else data
    return ", ".join(Path(path).absolute().name for path in given)


def _rows(evaluation: Evaluation) -> Iterator[MetricRow]:
    for track in evaluation.tracks:
        for target, scores in track.scores.scores.items():
            for name, score in scores.items():
                metric = METRICS[name]
                yield MetricRow(
                    model=evaluation.model,
                    track=track.name,
                    target=target,
                    metric=metric.label,
                    unit=metric.unit,
                    higher_is_better=metric.higher_is_better,
                    value=score.value,
                )


def _players(
    tracks: Sequence[Track],
    entries: Sequence[Entry],
    *,
    seconds: float,
    progress: TrackDone | None,
) -> Iterator[ListeningTrack]:
    heard = [entry.contender for entry in entries if entry.contender.name != _MIXTURE]
    networks = {contender.name: contender.open() for contender in heard} if tracks else {}
    targets = list(dict.fromkeys(target for contender in heard for target in contender.targets))
    for number, track in enumerate(tracks):
        if progress is not None:
            progress(number, len(tracks), track.name)
        span = fullest_span(track, targets, seconds=seconds)
        mixture: Audio = np.zeros((track.channels, 0), dtype=np.float32)
        truth: dict[str, Audio] = {}
        estimates: dict[str, dict[str, Audio]] = {}
        for contender in heard:
            mixture, references, answers = _excerpt(networks[contender.name], track, span)
            named = zip(contender.targets, references, strict=True)
            truth |= {target: stem for target, stem in named if target not in truth}
            estimates[contender.name] = dict(zip(contender.targets, answers, strict=True))
        yield ListeningTrack(
            track.name,
            sample_rate=track.sample_rate,
            mixture=mixture,
            truth=truth,
            estimates=estimates,
            start_seconds=span.start / track.sample_rate,
        )


def _excerpt(blocks: Blocks, track: Track, span: Span) -> tuple[Audio, list[Audio], list[Audio]]:
    """Mixture, true stems and estimates of a stretch; nothing is computed beyond its end."""
    parts = []
    done = 0
    for block in blocks(track):
        inside = slice(max(0, span.start - done), max(0, span.stop - done))
        parts.append(
            tuple(
                audio[..., inside].astype(np.float32)
                for audio in (block.mixture, block.reference, block.estimate)
            )
        )
        done += block.mixture.shape[-1]
        if done >= span.stop:
            break
    mixture, references, estimates = (
        np.concatenate(pieces, axis=-1) for pieces in zip(*parts, strict=True)
    )
    return mixture, list(references), list(estimates)
