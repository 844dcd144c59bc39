"""Negated stems, which sound the same alone and add up to another mixture."""

from jaxtyping import Float
from torch import Tensor

from auralflow.shapes import Stems

__all__ = ["flip_polarity"]


def flip_polarity(stems: Stems, flipped: Float[Tensor, "B S"]) -> Stems:
    """The negative of each stem where `flipped` is 1, the stem itself where it is 0."""
    return stems * (1.0 - 2.0 * flipped)[:, :, None, None]
