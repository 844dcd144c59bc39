"""Every network of the catalogue in every combination that its contract speaks of, small enough to test."""

from typing import Any

from auralflow.config import parameters_of
from auralflow.models import ARCHITECTURES, Separator, create

TINY: dict[str, Any] = {
    "max_layers": 2,
    "init_features": 4,
    "sample_rate": 8000,
    "num_fft": 128,
    "window_size": 128,
    "hop_length": 96,
}

TARGETS = ("vocals", "drums", "bass")


def _tasks(config: Any) -> tuple[str, ...]:
    return next(leaf.options for leaf in parameters_of(config) if leaf.key == "task")


CASES = [
    (entry.name, task, channels, targets)
    for entry in ARCHITECTURES
    for task in _tasks(entry.config)
    for channels in (1, 2)
    for targets in (1, 3)
]
"""Name, task, channels, number of targets."""


def network(case: tuple[str, str, int, int], **keys: Any) -> Separator:
    """A tiny network of a case, in training mode."""
    name, task, channels, targets = case
    return create(
        name, targets=TARGETS[:targets], channels=channels, **{**TINY, "task": task, **keys}
    )
