"""What was measured already, so that an evaluation that was interrupted goes on where it was.

Each track is a line that is appended and on the disk before the next one begins:

    {"key": sha256 of all that the numbers follow from, "seconds": …, "scores": {target: {metric: [value, gain, …]}}}
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from auralflow._version import __version__
from auralflow.datasets.tracks import FileState, Track
from auralflow.errors import OutputError
from auralflow.evaluation.contender import Contender
from auralflow.metrics import Metric, Score, TrackScores

__all__ = ["Journal", "key_of"]


def key_of(contender: Contender, track: Track, metrics: Sequence[Metric[Any]]) -> str:
    """A hash of the contender, the track's files and the metrics: equal keys, equal numbers."""
    files = [
        [
            str(recording.path.absolute()),
            recording.stream,
            recording.start,
            recording.info.samples,
            *FileState.of(recording.path.stat()),
        ]
        for recording in track.recordings
    ]
    facts = [
        __version__,
        contender.identity(track),
        contender.targets,
        track.name,
        list(track.stems),
        {name: list(parts) for name, parts in track.sums.items()},
        files,
        [metric.name for metric in metrics],
    ]
    return hashlib.sha256(json.dumps(facts).encode("utf-8", "surrogateescape")).hexdigest()


class Journal:
    """A file of scores by key, made when the first are added."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        self.path = path
        if not resume:
            path.unlink(missing_ok=True)
        self._known = _read(path)

    def get(self, key: str) -> TrackScores | None:
        """What was measured before, if it was."""
        return self._known.get(key)

    def add(self, key: str, scores: TrackScores) -> None:
        """Write the scores of a track; raise `OutputError` if that cannot be done."""
        line = json.dumps(
            {
                "key": key,
                "seconds": scores.seconds,
                "scores": {
                    source: {name: astuple(score) for name, score in metrics.items()}
                    for source, metrics in scores.scores.items()
                },
            }
        )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # A line that an interruption broke off has no end: the next one begins with one.
            with self.path.open("ab") as file:
                file.write(f"\n{line}\n".encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(
                f"{self.path} cannot be written ({error.strerror or error}): choose another place with --save"
            ) from error

    def remove(self) -> None:
        """Forget it all, since the results are written."""
        self.path.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, TrackScores]:
    known: dict[str, TrackScores] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return known
    for line in lines:
        try:
            entry = json.loads(line)
            scores = {
                source: {
                    name: Score(value, gain, counted, left_out, tuple(frames))
                    for name, (value, gain, counted, left_out, frames) in metrics.items()
                }
                for source, metrics in entry["scores"].items()
            }
            known[entry["key"]] = TrackScores(entry["seconds"], scores)
        except (ValueError, TypeError, KeyError, AttributeError):
            # Broken off, or not ours: that track is measured again.
            continue
    return known
