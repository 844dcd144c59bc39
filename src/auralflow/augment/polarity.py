"""Negated stems, which sound the same alone and add up to another mixture."""

import torch

from auralflow.augment.numbers import Numbers, chosen
from auralflow.augment.options import FlipPolarityConfig
from auralflow.shapes import Stems

__all__ = ["flip_polarity"]


def flip_polarity(
    stems: Stems, numbers: Numbers, config: FlipPolarityConfig, _sample_rate: int
) -> Stems:
    """The negative of each chosen stem."""
    signs = torch.where(chosen(numbers, config.probability), -1.0, 1.0)
    return stems * signs.to(stems)[:, :, None, None]
