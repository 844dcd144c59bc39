"""What stands beside weights, so that a file of them is all that is needed."""

from collections.abc import Mapping
from typing import Any

from auralflow._version import __version__
from auralflow.settings.sections import Settings

__all__ = ["FORMAT", "record"]

FORMAT = 1


def record(
    settings: Settings, targets: tuple[str, ...], progress: Mapping[str, Any]
) -> dict[str, Any]:
    """Version, format, configuration as the YAML files have it, targets in the order of the output, and progress."""
    return {
        "auralflow": __version__,
        "format": FORMAT,
        "config": settings.as_plain(),
        "targets": list(targets),
        "progress": dict(progress),
    }
