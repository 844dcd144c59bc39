"""Louder or softer stems."""

from jaxtyping import Float
from torch import Tensor

from auralflow.shapes import Stems

__all__ = ["change_gain"]


def change_gain(stems: Stems, gain_db: Float[Tensor, "B S"]) -> Stems:
    """Each stem's level changed by that many decibels: 20 dB is ten times the amplitude."""
    return stems * (10.0 ** (gain_db / 20.0))[:, :, None, None]
