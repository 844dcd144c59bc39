"""Left and right exchanged."""

from auralflow.augment.numbers import Numbers, chosen
from auralflow.augment.options import SwapChannelsConfig
from auralflow.shapes import Stems

__all__ = ["swap_channels"]


def swap_channels(
    stems: Stems, numbers: Numbers, config: SwapChannelsConfig, _sample_rate: int
) -> Stems:
    """The channels of each chosen stem in reverse order; one channel stays as it is."""
    rows = chosen(numbers, config.probability).nonzero(as_tuple=True)
    if len(rows[0]) == 0:
        return stems
    changed = stems.clone()
    changed[rows] = stems[rows].flip(1)
    return changed
