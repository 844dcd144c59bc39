"""Left and right exchanged."""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.shapes import Stems

__all__ = ["swap_channels"]


def swap_channels(stems: Stems, swapped: Float[Tensor, "B S"]) -> Stems:
    """The channels of each stem in reverse order where `swapped` is not 0; one channel stays as it is."""
    return torch.where(swapped[:, :, None, None] != 0, stems.flip(2), stems)
