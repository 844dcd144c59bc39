"""Improvement of SI-SDR over the mixture."""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.metrics.energy_meter import EnergyMeter
from auralflow.metrics.improvement import over_the_mixture
from auralflow.metrics.meter import Readings
from auralflow.metrics.metric import Metric
from auralflow.metrics.si_sdr import scale_invariant_ratio, si_sdr
from auralflow.shapes import Mixture, Stems

__all__ = ["SI_SDRI", "si_sdri"]


def si_sdri(estimate: Stems, reference: Stems, mixture: Mixture) -> Float[Tensor, "B S"]:
    """SI-SDR of each stem's estimate minus that of the mixture, in dB; higher is better, 0 for the mixture itself.

    NaN where SI-SDR is, and where the reference is the mixture.

    Source: Luo and Mesgarani, "Conv-TasNet", IEEE/ACM TASLP, 2019.
    """
    mixed = si_sdr(mixture.unsqueeze(1).expand_as(reference), reference)
    return torch.where(torch.isfinite(mixed), si_sdr(estimate, reference) - mixed, torch.nan)


def _read(meter: EnergyMeter) -> Readings:
    return over_the_mixture(meter.of_track(scale_invariant_ratio))


SI_SDRI = Metric(
    name="si-sdri",
    label="SI-SDRi",
    explanation="SI-SDR minus that of the mixture",
    source="Luo and Mesgarani, “Conv-TasNet”, IEEE/ACM TASLP, 2019",
    has_gain=False,
    meter=EnergyMeter,
    read=_read,
)
