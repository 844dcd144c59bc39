"""Several evaluations side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from auralflow.evaluation.paired import Difference
from auralflow.evaluation.results import Evaluation

__all__ = ["Comparison"]


@dataclass(frozen=True)
class Comparison:
    """Models, folders of estimates and oracles on the same tracks."""

    evaluations: tuple[Evaluation, ...]
    """The mixture first, if it is there, then what was asked for in that order, then the other oracles."""
    differences: tuple[Difference, ...] = ()
    """Each model and folder of estimates against the first of them."""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def skipped(self) -> int:
        """Files or tracks left out of any of them because they cannot be read."""
        return max((evaluation.skipped for evaluation in self.evaluations), default=0)

    def targets(self) -> dict[str, dict[str, None]]:
        """The targets that any of them has and the metrics of each, in order."""
        found: dict[str, dict[str, None]] = {}
        for evaluation in self.evaluations:
            for target, totals in evaluation.summary.totals.items():
                found.setdefault(target, {}).update(dict.fromkeys(totals))
        return found

    def of(self, target: str) -> Iterator[Evaluation]:
        """Those that have a target."""
        return (e for e in self.evaluations if target in e.summary.totals)
