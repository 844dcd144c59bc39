"""Louder or softer stems."""

import torch

from auralflow.augment.numbers import Numbers, between, chosen
from auralflow.augment.options import GainConfig
from auralflow.shapes import Stems

__all__ = ["change_gain"]


def change_gain(stems: Stems, numbers: Numbers, config: GainConfig, _sample_rate: int) -> Stems:
    """Each chosen stem's level changed by so many decibels: 20 dB is ten times the amplitude."""
    gain_db = between(numbers[..., 1], config.low_db, config.high_db)
    factors = torch.where(chosen(numbers, config.probability), 10.0 ** (gain_db / 20.0), 1.0)
    return stems * factors.to(stems)[:, :, None, None]
