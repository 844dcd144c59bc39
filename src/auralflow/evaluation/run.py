"""A model over the tracks of a dataset, to a table."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from auralflow.audio import Backend
from auralflow.checkpoints import find_checkpoint, pretrained_of, read_checkpoint, restore
from auralflow.datasets.sources import names_of, open_data
from auralflow.datasets.targets import parse_targets
from auralflow.datasets.tracks import Track
from auralflow.errors import AudioError, DataError
from auralflow.evaluation.choice import choose_tracks
from auralflow.evaluation.results import Evaluation, TrackResult
from auralflow.evaluation.write import MetricsFiles, metrics_files, write_metrics
from auralflow.metrics import DEFAULT_METRICS, Metric, TrackMeter, TrackScores, parse_metrics
from auralflow.models.base import Separator
from auralflow.separation import SeparationOptions
from auralflow.separation.tracks import separate_track
from auralflow.session import ModelFolder

__all__ = ["evaluate", "score_track"]

log = logging.getLogger(__name__)

TrackDone = Callable[[int, int, str], None]


def evaluate(
    model: str | Path,
    *,
    data: str | Path | Sequence[str | Path],
    split: str | None = None,
    save: str | Path | None = None,
    force: bool = False,
    skip_broken: bool | None = None,
    options: SeparationOptions | None = None,
    metrics: str | Sequence[str] | None = None,
    progress: TrackDone | None = None,
) -> Evaluation:
    """Measure a model on tracks whose stems are known, and write `metrics.txt` and `metrics.json`.

    `model` is a checkpoint, a model folder, a model's name or that of pretrained weights. `split` is `train`, `valid`, `test` or `all`; by default
    the tracks held out for testing are taken, else those that training has not seen (see `choose_tracks`). The files
    go to the model's folder, for pretrained weights to one of their name here, or to `save`; earlier ones are kept under a numbered name, or replaced with `force`.
    `metrics` are names as `parse_metrics` takes them; by default those that cost little are measured.
    `progress` is called with tracks done, tracks in all, and the name of the next one.

    Raises `DataError` if there is nothing to measure, and the errors of reading the model.
    """
    wanted = parse_metrics(metrics)
    published = pretrained_of(model)
    path = find_checkpoint(model)
    checkpoint = read_checkpoint(path)
    network = restore(checkpoint, source=path)
    config = checkpoint.settings.data
    skip = config.skip_broken if skip_broken is None else skip_broken
    dataset = open_data(
        data, config.model_copy(update={"targets": checkpoint.targets, "skip_broken": skip})
    )
    parse_targets(checkpoint.targets, dataset.target_names)
    known = checkpoint.progress.get("tracks", {})
    tracks, notes = choose_tracks(dataset, config, split=split, known=known)
    place = (
        Path(save).expanduser()
        if save is not None
        else Path(published.name)
        if published is not None
        else _place_of(path, checkpoint.settings.train.metrics)
    )
    results, broken = _measure(
        network,
        tracks,
        skip=skip,
        backend=config.backend,
        options=options,
        metrics=wanted,
        progress=progress,
    )
    left_out = [f"{entry.path}: {entry.reason}" for entry in dataset.skipped] + broken
    if left_out:
        notes = (
            *notes,
            f"Left out {len(left_out)} files that cannot be read: {'; '.join(left_out[:5])}.",
        )
    facts = {
        "checkpoint": path.name,
        "data": names_of(data),
        "epoch": str(
            checkpoint.progress.get("best_epoch") or checkpoint.progress.get("epoch", "?")
        ),
    }
    evaluation = Evaluation(_name_of(path), tuple(results), facts, notes, len(left_out))
    if not force:
        keep_earlier(metrics_files(place, force=True))
    write_metrics(place, evaluation, force=True)
    return evaluation


def score_track(
    model: Separator,
    track: Track,
    *,
    options: SeparationOptions | None = None,
    backend: Backend = "soundfile",
    metrics: Sequence[Metric[Any]] = DEFAULT_METRICS,
) -> TrackScores:
    """Separate one track whole and measure every target, in memory that grows with the track only where a metric's does."""
    meter = TrackMeter(model.targets, track.sample_rate, metrics=metrics)
    for block in separate_track(model, track, options=options, backend=backend):
        meter.update(block.estimate, block.reference, block.mixture)
    return meter.result()


def _measure(
    network: Separator,
    tracks: tuple[Track, ...],
    *,
    skip: bool,
    backend: Backend,
    options: SeparationOptions | None,
    metrics: Sequence[Metric[Any]],
    progress: TrackDone | None,
) -> tuple[list[TrackResult], list[str]]:
    results: list[TrackResult] = []
    broken: list[str] = []
    for number, track in enumerate(tracks):
        if progress is not None:
            progress(number, len(tracks), track.name)
        try:
            results.append(
                TrackResult(
                    track.name,
                    score_track(network, track, options=options, backend=backend, metrics=metrics),
                )
            )
        except AudioError as error:
            if not skip:
                raise
            broken.append(str(error))
            log.warning("Left out %s: %s", track.name, error)
    if not results:
        raise DataError(
            f"none of the {len(tracks)} tracks could be read ({'; '.join(broken[:3])}): replace their files"
        )
    return results, broken


def keep_earlier(files: MetricsFiles) -> None:
    """Rename metrics that are there already to the next free number, such as `metrics-1.txt`."""
    if not any(path.exists() for path in files):
        return
    number = 1
    while any(_numbered(path, number).exists() for path in files):
        number += 1
    for path in files:
        if path.exists():
            path.rename(_numbered(path, number))


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def _name_of(checkpoint: Path) -> str:
    for suffix in ("_best", "_latest"):
        if checkpoint.stem.endswith(suffix):
            return checkpoint.stem.removesuffix(suffix)
    return checkpoint.stem


def _place_of(checkpoint: Path, configured: str | None) -> Path:
    """Where the metrics of a checkpoint go: where its settings say, its model's folder, or beside it."""
    if configured:
        return Path(configured).expanduser()
    folder = ModelFolder(checkpoint.absolute().parent.parent)
    return folder.path if folder.checkpoint == checkpoint.absolute().parent else checkpoint.parent
