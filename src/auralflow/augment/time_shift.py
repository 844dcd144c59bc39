"""Stems out of step with each other."""

import torch

from auralflow.augment.numbers import Numbers, chosen
from auralflow.augment.options import TimeShiftConfig
from auralflow.shapes import Stems

__all__ = ["shift_in_time"]


def shift_in_time(
    stems: Stems, numbers: Numbers, config: TimeShiftConfig, sample_rate: int
) -> Stems:
    """Each chosen stem later by a whole number of samples, or earlier where that is negative.

    What leaves at one end enters at the other, so that nothing of the stem is lost.
    """
    rows = chosen(numbers, config.probability).nonzero(as_tuple=True)
    if len(rows[0]) == 0:
        return stems
    samples, limit = stems.shape[-1], round(config.seconds * sample_rate)
    later = (numbers[rows][:, 1] * (2 * limit + 1)).long().clamp(max=2 * limit) - limit
    heard = torch.arange(samples, device=stems.device)
    source = (heard - later.to(stems.device)[:, None, None]).remainder(samples)
    changed, moved = stems.clone(), stems[rows]
    changed[rows] = moved.gather(-1, source.expand_as(moved))
    return changed
