"""One contender on one track, and many of such jobs, here or in several processes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from auralflow.audio import Backend
from auralflow.datasets.tracks import Track
from auralflow.errors import AudioError
from auralflow.evaluation.contender import Blocks, Contender
from auralflow.metrics import DEFAULT_METRICS, Metric, TrackMeter, TrackScores
from auralflow.models.base import Separator
from auralflow.separation import SeparationOptions
from auralflow.separation.tracks import TrackBlock, separate_track

__all__ = ["Job", "Outcome", "Station", "measured", "score_track"]


class Job(NamedTuple):
    """A contender and a track, each with its number."""

    contender: int
    number: int
    track: Track

    @property
    def place(self) -> tuple[int, int]:
        """Both numbers."""
        return self.contender, self.number


Outcome = TrackScores | AudioError
"""What a track scored, or why it cannot be read."""


def score_track(
    model: Separator,
    track: Track,
    *,
    options: SeparationOptions | None = None,
    backend: Backend = "soundfile",
    metrics: Sequence[Metric[Any]] = DEFAULT_METRICS,
) -> TrackScores:
    """Separate one track whole and measure every target, in memory that grows with the track only where a metric's does."""
    blocks = separate_track(model, track, options=options, backend=backend)
    return _scores(blocks, model.targets, track, metrics)


def _scores(
    blocks: Iterable[TrackBlock],
    targets: Sequence[str],
    track: Track,
    metrics: Sequence[Metric[Any]],
) -> TrackScores:
    meter = TrackMeter(targets, track.sample_rate, metrics=metrics)
    for block in blocks:
        meter.update(block.estimate, block.reference, block.mixture)
    return meter.result()


class Station:
    """Does jobs one after the other; the contender of the last one stays open for the next."""

    def __init__(self, contenders: Sequence[Contender], metrics: Sequence[Metric[Any]]) -> None:
        self._contenders = contenders
        self._metrics = metrics
        self._open: tuple[int, Blocks] | None = None

    def do(self, job: Job) -> Outcome:
        """The scores, or the error of a file that cannot be read."""
        contender = self._contenders[job.contender]
        if self._open is None or self._open[0] != job.contender:
            self._open = None
            self._open = (job.contender, contender.open())
        try:
            return _scores(self._open[1](job.track), contender.targets, job.track, self._metrics)
        except AudioError as error:
            return error


def measured(
    contenders: Sequence[Contender],
    jobs: Sequence[Job],
    *,
    metrics: Sequence[Metric[Any]],
    processes: int,
) -> Iterator[tuple[Job, Outcome]]:
    """The outcome of every job as it is there: in order in one process, in any order in several."""
    if processes > 1 and len(jobs) > 1:
        from auralflow.evaluation.processes import in_processes

        yield from in_processes(contenders, jobs, metrics=metrics, processes=processes)
        return
    station = Station(contenders, metrics)
    for job in jobs:
        yield job, station.do(job)
