"""Every network of the catalogue in every combination that its contract speaks of, small enough to test."""

from dataclasses import dataclass
from typing import Any

import pytest

from auralflow.config import parameters_of
from auralflow.models import ARCHITECTURES, Separator, create
from auralflow.models.catalogue import Architecture, find_architecture

__all__ = ["CASES", "PARAMS", "TARGETS", "TINY", "Case", "network"]

TARGETS = ("vocals", "drums", "bass", "other")
SIGNAL: dict[str, Any] = {
    "sample_rate": 8000,
    "num_fft": 128,
    "window_size": 128,
    "hop_length": 96,
}
TINY: dict[str, Any] = {"max_layers": 2, "init_features": 4, **SIGNAL}
"""A U-Net that is small."""
_SMALL: dict[str, dict[str, Any]] = {
    "unet": TINY,
    "adaptive": {**TINY, "filter_bank": {"filters": 8, "size": 8}},
    "openunmix": {"max_layers": 1, "init_features": 16, **SIGNAL},
    "demucs": {"max_layers": 2, "init_features": 8, **SIGNAL},
    # Four levels: three go down the bins of 256 samples, where the waveform joins, one goes along time.
    # Branches four times narrower must keep two features: an offset before a norm over one has no gradient.
    "hdemucs": {
        "max_layers": 4,
        "init_features": 8,
        **SIGNAL,
        "num_fft": 256,
        "window_size": 256,
        "hop_length": 64,
    },
    "spleeter": TINY,
    "htdemucs": {
        "max_layers": 2,
        "init_features": 16,
        **SIGNAL,
        "hop_length": 32,
        "transformer": {"layers": 3, "heads": 2},
    },
}


@dataclass(frozen=True)
class Case:
    """One combination."""

    name: str
    domain: str
    task: str
    channels: int
    targets: int

    @property
    def family(self) -> str:
        """The base architecture."""
        return str(find_architecture(self.name).config.model_fields["base_model"].default)

    @property
    def masks_magnitudes(self) -> bool:
        """Whether the estimate is a soft mask on a spectrogram, and so no louder than the mixture anywhere."""
        return self.task == "mask" and self.domain == "spectrogram" and self.family != "openunmix"

    def __str__(self) -> str:
        """For the names of tests."""
        return f"{self.name}-{self.domain}-{self.task}-{self.channels}-{self.targets}"


def _options(entry: Architecture, key: str) -> tuple[str, ...]:
    fixed = entry.settings.get(key)
    if fixed is not None:
        return (fixed,)
    # The six U-Nets are told apart by their domain, so that one of another is another network.
    if key == "domain" and entry.name.startswith("UNet"):
        return ("spectrogram",)
    return next(leaf.options for leaf in parameters_of(entry.config) if leaf.key == key)


CASES = [
    Case(entry.name, domain, task, channels, targets)
    for entry in ARCHITECTURES
    for domain in _options(entry, "domain")
    for task in _options(entry, "task")
    for channels in (1, 2)
    for targets in (1, 4)
]

PARAMS = [
    pytest.param(case, marks=() if (case.channels > 1) == (case.targets > 1) else pytest.mark.slow)
    for case in CASES
]
"""The same for `parametrize`: one channel with several targets, and several with one, are for the long run of tests."""


def network(case: Case, **keys: Any) -> Separator:
    """A tiny network of a case, in training mode."""
    return create(
        case.name,
        targets=TARGETS[: case.targets],
        channels=case.channels,
        **{**_SMALL[case.family], "domain": case.domain, "task": case.task, **keys},
    )
