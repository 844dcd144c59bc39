"""A mixture driven into clipping, as loud masters are."""

import torch

from auralflow.augment.numbers import Numbers, between, chosen_items
from auralflow.augment.options import ClipMixtureConfig
from auralflow.shapes import Mixture

__all__ = ["clip_mixture"]


def clip_mixture(
    mixture: Mixture, numbers: Numbers, config: ClipMixtureConfig, _sample_rate: int
) -> Mixture:
    """Each chosen mixture hard-clipped at a level so many decibels below the peak of its channels."""
    below_db = between(numbers[:, 0, 1], config.low_db, config.high_db)
    share = torch.where(
        chosen_items(numbers, config.probability), 10.0 ** (-below_db / 20.0), 1.0
    ).to(mixture)
    level = mixture.abs().amax(dim=(1, 2), keepdim=True) * share[:, None, None]
    return mixture.clamp(-level, level)
