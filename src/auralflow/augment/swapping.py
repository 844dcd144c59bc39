"""Left and right exchanged."""

import torch

from auralflow.augment.numbers import Numbers, chosen
from auralflow.augment.options import SwapChannelsConfig
from auralflow.shapes import Stems

__all__ = ["swap_channels"]


def swap_channels(
    stems: Stems, numbers: Numbers, config: SwapChannelsConfig, _sample_rate: int
) -> Stems:
    """The channels of each chosen stem in reverse order; one channel stays as it is."""
    swapped = chosen(numbers, config.probability).to(stems.device)
    return torch.where(swapped[:, :, None, None], stems.flip(2), stems)
