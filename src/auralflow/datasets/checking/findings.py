"""What a check says about a dataset."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["SEVERITIES", "Finding", "Severity", "decibels"]

Severity = Literal["error", "warning", "hint"]
"""An error cannot be trained on; a warning is most likely a mistake in the data; a hint is worth a look."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")
"""From the worst on."""

_FLOOR_DB = -200.0


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or may be."""

    check: str
    """Name of the check that found it."""
    severity: Severity
    message: str
    """Fact, value and remedy in one sentence, which does not repeat track and stem."""
    track: str = ""
    """Empty where a file was found before its track could be told."""
    split: str = ""
    stem: str = ""
    """Empty where it is about the whole track."""
    path: str = ""
    """The file, where it is about one."""
    numbers: Mapping[str, float | int | str] = field(default_factory=dict)
    """What the message says in figures, for programs; keys end in their unit."""

    def as_plain(self) -> dict[str, object]:
        """For JSON, always with the same keys."""
        return {
            "check": self.check,
            "severity": self.severity,
            "split": self.split,
            "track": self.track,
            "stem": self.stem,
            "path": self.path,
            "message": self.message,
            "numbers": dict(self.numbers),
        }


def decibels(ratio: float) -> float:
    """A ratio of energies in dB, to two decimals; nothing is below -200, so that it can be written as JSON."""
    return round(max(_FLOOR_DB, 10 * math.log10(ratio)), 2) if ratio > 0 else _FLOOR_DB
