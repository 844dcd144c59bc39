"""What an evaluation found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from auralflow.metrics import Summary, TrackScores, summarise

__all__ = ["Evaluation", "TrackResult"]


@dataclass(frozen=True)
class TrackResult:
    """The scores of one track."""

    name: str
    scores: TrackScores


@dataclass(frozen=True)
class Evaluation:
    """One network on a set of tracks."""

    model: str
    tracks: tuple[TrackResult, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    """What a reader needs to know to compare: `data`, `checkpoint`, …; written above the table as given."""
    notes: tuple[str, ...] = ()
    """Sentences below the table, such as which files were skipped."""
    skipped: int = 0
    """Files or tracks left out because they cannot be read."""

    @cached_property
    def summary(self) -> Summary:
        """Totals over all tracks."""
        return summarise([track.scores for track in self.tracks])
