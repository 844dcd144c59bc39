"""Negated stems, which sound the same alone and add up to another mixture."""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.augment.numbers import Numbers, chosen
from auralflow.augment.options import FlipPolarityConfig
from auralflow.shapes import Stems

__all__ = ["flip_polarity", "polarity_factors"]


def polarity_factors(numbers: Numbers, config: FlipPolarityConfig) -> Float[Tensor, "B S"]:
    """-1 for each chosen stem, 1 for the others."""
    return torch.where(chosen(numbers, config.probability), -1.0, 1.0)


def flip_polarity(
    stems: Stems, numbers: Numbers, config: FlipPolarityConfig, _sample_rate: int
) -> Stems:
    """The negative of each chosen stem."""
    return stems * polarity_factors(numbers, config).to(stems)[:, :, None, None]
