"""Models, folders of estimates and oracles over the tracks of a dataset, to tables."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from auralflow.errors import AudioError, ConfigError, DataError, OutputError
from auralflow.evaluation.comparison import Comparison
from auralflow.evaluation.formats import MUSEVAL, parse_formats
from auralflow.evaluation.journal import Journal, key_of
from auralflow.evaluation.lineup import Entry, Lineup, line_up
from auralflow.evaluation.measuring import Job, Outcome, measured
from auralflow.evaluation.museval import require_bss_eval
from auralflow.evaluation.paired import differences_between
from auralflow.evaluation.results import Evaluation, TrackResult
from auralflow.evaluation.write import keep_earlier, write_comparison, write_metrics
from auralflow.metrics import Metric, TrackScores, parse_metrics
from auralflow.separation import SeparationOptions

__all__ = ["compare", "evaluate"]

log = logging.getLogger(__name__)

TrackDone = Callable[[int, int, str], None]


def evaluate(
    model: str | Path,
    *,
    data: str | Path | Sequence[str | Path],
    split: str | None = None,
    tracks: Sequence[str] | None = None,
    metrics: str | Sequence[str] | None = None,
    save: str | Path | None = None,
    formats: str | Sequence[str] = (),
    force: bool = False,
    skip_broken: bool | None = None,
    options: SeparationOptions | None = None,
    cuda: bool = True,
    processes: int = 1,
    resume: bool = True,
    progress: TrackDone | None = None,
) -> Evaluation:
    """Measure a model on tracks whose stems are known, and write `metrics.txt` and `metrics.json`.

    `model` is a checkpoint, a model folder or a model's name. `split` is `train`, `valid`, `test` or `all`; by default
    the tracks held out for testing are taken, else those that training has not seen (see `choose_tracks`). `tracks` are
    names of those to measure on. `metrics` are names as `parse_metrics` takes them; by default those that cost little
    are measured.

    The files go to the model's folder or to `save`; earlier ones are kept under a numbered name, or replaced with
    `force`. `formats` are further ones: `csv`, `markdown`, `latex`, `museval`. The GPU is used where
    there is one and `cuda` is left on. `processes` share the tracks and the processor; a script that asks for several
    wants `if __name__ == "__main__":`. What an interrupted run measured is not measured again, unless `resume` is off.
    `progress` is called with tracks done, tracks in all, and the name of the next one.

    Raises `DataError` if there is nothing to measure, and the errors of reading the model.
    """
    wanted, further = _wanted(metrics, formats)
    lineup = line_up(
        [model],
        data=data,
        split=split,
        tracks=tracks,
        skip_broken=skip_broken,
        options=options,
        cuda=cuda,
    )
    (entry,) = lineup.entries
    place = Path(save).expanduser() if save is not None else entry.place or Path()
    journal = _journal(place, "metrics", resume=resume)
    (evaluation,) = _measure(lineup, wanted, journal, processes=processes, progress=progress)
    if not force:
        keep_earlier(place, "metrics")
    write_metrics(place, evaluation, force=True, formats=further)
    journal.remove()
    return evaluation


def compare(
    models: Sequence[str | Path] = (),
    *,
    data: str | Path | Sequence[str | Path],
    estimates: Sequence[str | Path] = (),
    oracles: str | Sequence[str] = (),
    split: str | None = None,
    tracks: Sequence[str] | None = None,
    metrics: str | Sequence[str] | None = None,
    save: str | Path | None = None,
    formats: str | Sequence[str] = (),
    force: bool = False,
    skip_broken: bool | None = None,
    options: SeparationOptions | None = None,
    cuda: bool = True,
    processes: int = 1,
    resume: bool = True,
    progress: TrackDone | None = None,
) -> Comparison:
    """Measure models, folders of separated stems (`estimates`) and `oracles` on the same tracks, side by side.

    Oracles are `irm`, `ibm` and `mwf`, with which the mixture itself is measured too, or `mixture` alone, or `all`.
    By default the tracks are chosen so that no model was trained on them. Each model and folder of estimates is
    compared with the first of them; see `differences_between`.

    Without `save` each model's own metrics go where `evaluate` has them, and `comparison.txt` and `comparison.json` to
    the session that all models are in, or to the current folder; with `save` only these two, to there. The other
    arguments are those of `evaluate`.

    Raises `DataError` if there is nothing to measure, `ConfigError` where models cannot be compared, and the errors of
    reading them.
    """
    wanted, further = _wanted(metrics, formats)
    lineup = line_up(
        models,
        data=data,
        estimates=estimates,
        oracles=oracles,
        split=split,
        tracks=tracks,
        skip_broken=skip_broken,
        options=options,
        cuda=cuda,
    )
    place = Path(save).expanduser() if save is not None else _common_session(lineup.entries)
    journal = _journal(place, "comparison", resume=resume)
    evaluations = _measure(lineup, wanted, journal, processes=processes, progress=progress)
    rivals = [
        evaluation
        for entry, evaluation in zip(lineup.entries, evaluations, strict=True)
        if not entry.is_reference
    ]
    comparison = Comparison(
        tuple(evaluations),
        tuple(d for other in rivals[1:] for d in differences_between(rivals[0], other)),
        {"data": lineup.entries[0].facts["data"]},
    )
    if save is None:
        for entry, evaluation in zip(lineup.entries, evaluations, strict=True):
            if entry.place is not None:
                if not force:
                    keep_earlier(entry.place, "metrics")
                write_metrics(entry.place, evaluation, force=True)
    if not force:
        keep_earlier(place, "comparison")
    write_comparison(place, comparison, formats=further)
    journal.remove()
    return comparison


def _wanted(
    metrics: str | Sequence[str] | None, formats: str | Sequence[str]
) -> tuple[list[Metric[Any]], list[str]]:
    """Metrics and formats by their names, told to be wrong before anything is measured."""
    wanted, further = parse_metrics(metrics), parse_formats(formats)
    if MUSEVAL in further:
        require_bss_eval(wanted)
    return wanted, further


def _common_session(entries: Sequence[Entry]) -> Path:
    sessions = {entry.session for entry in entries if entry.place is not None}
    (session,) = sessions if len(sessions) == 1 else (None,)
    return session or Path.cwd()


def _journal(place: Path, stem: str, *, resume: bool) -> Journal:
    """The journal beside the results; raise `OutputError` where these cannot be written."""
    folder = place.parent if place.suffix in (".txt", ".json") and not place.is_dir() else place
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        reason = "may not be written to" if existing.is_dir() else "is a file"
        raise OutputError(f"{existing} {reason}: choose another place with --save")
    return Journal(folder / f"{stem}.journal", resume=resume)


def _measure(
    lineup: Lineup,
    metrics: Sequence[Metric[Any]],
    journal: Journal,
    *,
    processes: int,
    progress: TrackDone | None,
) -> list[Evaluation]:
    """An evaluation for each entry, whatever order the jobs are done in."""
    if processes < 1:
        raise ConfigError(f"processes is {processes}, but must be 1 or more: change it")
    contenders = [entry.contender for entry in lineup.entries]
    outcomes: dict[tuple[int, int], Outcome] = {}
    keys: dict[tuple[int, int], str] = {}
    waiting: list[Job] = []
    for row, contender in enumerate(contenders):
        for column, track in enumerate(lineup.tracks):
            place = (row, column)
            try:
                keys[place] = key_of(contender, track, metrics)
            except AudioError as error:
                outcomes[place] = _kept(error, lineup)
                continue
            before = journal.get(keys[place])
            if before is None:
                waiting.append(Job(row, column, track))
            else:
                outcomes[place] = before
    total = len(contenders) * len(lineup.tracks)
    if len(waiting) < total and keys:
        log.info("%d of %d measurements are there from before.", total - len(waiting), total)
    if progress is not None and waiting:
        progress(len(outcomes), total, waiting[0].track.name)
    for job, outcome in measured(contenders, waiting, metrics=metrics, processes=processes):
        outcomes[job.place] = _kept(outcome, lineup)
        if isinstance(outcome, TrackScores):
            journal.add(keys[job.place], outcome)
        if progress is not None:
            progress(len(outcomes), total, _next(waiting, outcomes) or job.track.name)
    return [_evaluation(row, lineup, outcomes) for row in range(len(contenders))]


def _kept(outcome: Outcome, lineup: Lineup) -> Outcome:
    """The outcome, or the error of a file unless such tracks are to be left out."""
    if isinstance(outcome, AudioError):
        if not lineup.skip_broken:
            raise outcome
        log.warning("Left out: %s", outcome)
    return outcome


def _next(waiting: Sequence[Job], outcomes: Mapping[tuple[int, int], Outcome]) -> str:
    return next((job.track.name for job in waiting if job.place not in outcomes), "")


def _evaluation(
    row: int, lineup: Lineup, outcomes: Mapping[tuple[int, int], Outcome]
) -> Evaluation:
    entry = lineup.entries[row]
    results: list[TrackResult] = []
    broken: list[str] = list(lineup.skipped)
    for column, track in enumerate(lineup.tracks):
        outcome = outcomes[row, column]
        if isinstance(outcome, TrackScores):
            results.append(TrackResult(track.name, outcome))
        else:
            broken.append(str(outcome))
    if not results:
        raise DataError(
            f"none of the {len(lineup.tracks)} tracks could be read ({'; '.join(broken[:3])}): replace their files"
        )
    notes = entry.notes
    if broken:
        listed = "; ".join(broken[:5])
        notes = (*notes, f"Left out {len(broken)} files that cannot be read: {listed}.")
    return Evaluation(entry.contender.name, tuple(results), entry.facts, notes, len(broken))
