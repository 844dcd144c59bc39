"""The checks there are."""

from collections.abc import Sequence

from auralflow.config.layers import did_you_mean
from auralflow.datasets.checking.check import Check
from auralflow.datasets.checking.checks.bandwidth import BANDWIDTH
from auralflow.datasets.checking.checks.clipping import CLIPPING
from auralflow.datasets.checking.checks.duplicate import DUPLICATE
from auralflow.datasets.checking.checks.formats import CHANNELS, LENGTH, RATE
from auralflow.datasets.checking.checks.silent import SILENT
from auralflow.datasets.checking.checks.sums import SUM
from auralflow.datasets.checking.checks.swapped import SWAPPED
from auralflow.datasets.checking.checks.unreadable import BROKEN, NOT_FINITE
from auralflow.errors import ConfigError

__all__ = ["CHECKS", "choose_checks"]

CHECKS: tuple[Check, ...] = (
    BROKEN,
    NOT_FINITE,
    DUPLICATE,
    SUM,
    SWAPPED,
    CLIPPING,
    RATE,
    LENGTH,
    CHANNELS,
    SILENT,
    BANDWIDTH,
)
"""In the order in which findings are listed."""


def choose_checks(skip: Sequence[str]) -> tuple[Check, ...]:
    """All but those named.

    Raises:
        ConfigError: a name is none of a check, or all are named.
    """
    names = [check.name for check in CHECKS]
    unknown = [name for name in skip if name not in names]
    if unknown:
        raise ConfigError(
            f"{unknown[0]} is no check{did_you_mean(unknown[0], names)}: skip only among {', '.join(names)}"
        )
    chosen = tuple(check for check in CHECKS if check.name not in skip)
    if not chosen:
        raise ConfigError("every check is skipped, and none is left to do: skip fewer")
    return chosen
