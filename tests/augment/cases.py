"""What the tests of augmentations share."""

from importlib.util import find_spec
from typing import Any

import pytest
import torch

from auralflow.augment import AUGMENTATIONS, Augmentation, AugmentConfig
from auralflow.augment.options import AugmentationConfig

RATE = 8000
"""Sample rate of the tests, in Hz."""

needs_stretch = pytest.mark.skipif(
    find_spec("python_stretch") is None, reason="the extra `stretch` is not installed"
)
NAMES = [
    pytest.param(name, marks=needs_stretch if name in ("tempo", "pitch") else ())
    for name in AUGMENTATIONS
]
"""The whole catalogue."""

OPTIONS: dict[str, dict[str, Any]] = {
    "time_shift": {"seconds": 0.02},
    "reverb": {"low_seconds": 0.05, "high_seconds": 0.1},
    "band_limit": {"low_hz": 1000.0, "high_hz": 3000.0},
}
"""Ranges that show at the tests' sample rate and lengths."""


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    """Gaussian noise that is the same every time, some 20 dB below full scale."""
    return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def config_of(name: str, probability: float = 0.5, **options: Any) -> AugmentConfig:
    """A configuration that switches one augmentation on."""
    chosen = OPTIONS.get(name, {}) | options
    return AugmentConfig.model_validate({name: {"probability": probability, **chosen}})


def section_of(name: str, probability: float = 0.5, **options: Any) -> AugmentationConfig:
    """The section of one augmentation, switched on."""
    section: AugmentationConfig = getattr(config_of(name, probability, **options), name)
    return section


def drawn(name: str, items: int, stems: int, *, seed: int = 0) -> torch.Tensor:
    """Uniform numbers for one augmentation."""
    shape = (items, stems, AUGMENTATIONS[name].numbers)
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def changed(
    name: str, stems: torch.Tensor, numbers: torch.Tensor, section: AugmentationConfig
) -> torch.Tensor:
    """What one member of the catalogue makes of stems, or of their sum if it changes mixtures; shaped as stems."""
    member = AUGMENTATIONS[name]
    if isinstance(member, Augmentation):
        return member.change(stems, numbers, section, RATE)
    return member.change_mixture(stems.sum(1), numbers, section, RATE)[:, None]


def unchanged(name: str, stems: torch.Tensor) -> torch.Tensor:
    """What `changed` gives where nothing is done."""
    if isinstance(AUGMENTATIONS[name], Augmentation):
        return stems
    return stems.sum(1)[:, None]


def one(*numbers: float) -> torch.Tensor:
    """Numbers of the only stem of the only item."""
    return torch.tensor(numbers).reshape(1, 1, -1)
