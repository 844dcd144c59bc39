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
    samples = stems.shape[-1]
    limit = round(config.seconds * sample_rate)
    later = (numbers[..., 1] * (2 * limit + 1)).long().clamp(max=2 * limit) - limit
    later = torch.where(chosen(numbers, config.probability), later, 0).to(stems.device)
    heard = torch.arange(samples, device=stems.device)
    source = (heard - later[:, :, None, None]).remainder(samples)
    return stems.gather(-1, source.expand_as(stems))
