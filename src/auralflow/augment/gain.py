"""Louder or softer stems."""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.augment.numbers import Numbers, between, chosen
from auralflow.augment.options import GainConfig
from auralflow.shapes import Stems

__all__ = ["change_gain", "gain_factors"]


def gain_factors(numbers: Numbers, config: GainConfig) -> Float[Tensor, "B S"]:
    """What each stem is multiplied with; 1 where it is not chosen."""
    gain_db = between(numbers[..., 1], config.low_db, config.high_db)
    return torch.where(chosen(numbers, config.probability), 10.0 ** (gain_db / 20.0), 1.0)


def change_gain(stems: Stems, numbers: Numbers, config: GainConfig, _sample_rate: int) -> Stems:
    """Each chosen stem's level changed by so many decibels: 20 dB is ten times the amplitude."""
    return stems * gain_factors(numbers, config).to(stems)[:, :, None, None]
