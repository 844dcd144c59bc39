"""How much better than the mixture, as a metric of its own."""

import torch

from auralflow.metrics.meter import Readings

__all__ = ["over_the_mixture"]


def over_the_mixture(readings: Readings) -> Readings:
    """Each value minus that of the mixture; NaN where that is not finite, for nothing can be gained on it then."""
    if readings.mixture is None:
        raise ValueError("the readings have no mixture")
    known = torch.isfinite(readings.mixture)
    return Readings(torch.where(known, readings.values - readings.mixture, torch.nan))
