"""What a whole check found."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from auralflow.datasets.checking.findings import SEVERITIES, Finding, Severity

__all__ = ["Report"]


@dataclass(frozen=True)
class Report:
    """Everything that was looked at, and everything found."""

    tracks: int
    """Tracks that were listened to."""
    recordings: int
    seconds: float
    """Length of all the tracks together."""
    checks: tuple[str, ...]
    """Names of the checks that were done."""
    findings: tuple[Finding, ...]
    """By check in the order of the catalogue, the worst first, then by track."""

    @property
    def counts(self) -> Mapping[Severity, int]:
        """How many findings there are of each severity."""
        found = Counter(finding.severity for finding in self.findings)
        return {severity: found[severity] for severity in SEVERITIES}

    @property
    def is_clean(self) -> bool:
        """Whether there is neither an error nor a warning; hints may be there."""
        return not self.counts["error"] and not self.counts["warning"]

    def as_plain(self) -> dict[str, object]:
        """For JSON; `docs/checking.md` has the keys."""
        return {
            "tracks": self.tracks,
            "recordings": self.recordings,
            "seconds": round(self.seconds, 3),
            "checks": list(self.checks),
            "counts": dict(self.counts),
            "findings": [finding.as_plain() for finding in self.findings],
        }
