"""Normalised SDR: what the separation has gained over the mixture, of the whole track."""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.metrics.energy_meter import EnergyMeter
from auralflow.metrics.improvement import over_the_mixture
from auralflow.metrics.meter import Readings
from auralflow.metrics.metric import Metric
from auralflow.metrics.sdr import energy_ratio
from auralflow.metrics.sums import audio_sums
from auralflow.shapes import Mixture, Stems

__all__ = ["NSDR", "nsdr"]


def nsdr(estimate: Stems, reference: Stems, mixture: Mixture) -> Float[Tensor, "B S"]:
    """10 log10 Σ (x − s)² / Σ (ŝ − s)² of each stem, in dB; higher is better, 0 for the mixture itself.

    That is the SDR of the estimate minus that of the mixture, without filters. A perfect estimate gives +inf; a silent
    reference NaN, and so does one that is the mixture.

    Source: Ozerov et al., "Adaptation of Bayesian Models for Single-Channel Source Separation and its Application to
    Voice/Music Separation in Popular Songs", IEEE TASLP, 2007. Differs from it: energies alone, where BSSEval would
    forgive what a filter can explain.
    """
    found = energy_ratio(audio_sums(estimate, reference))
    mixed = energy_ratio(audio_sums(mixture.unsqueeze(1).expand_as(reference), reference))
    return torch.where(torch.isfinite(mixed), found - mixed, torch.nan)


def _read(meter: EnergyMeter) -> Readings:
    return over_the_mixture(meter.of_track(energy_ratio))


NSDR = Metric(
    name="nsdr",
    label="nSDR",
    explanation="SDR of the whole track minus that of the mixture (normalised SDR, without filters)",
    source="Ozerov et al., “Adaptation of Bayesian Models for Single-Channel Source Separation”, IEEE TASLP, 2007",
    has_gain=False,
    meter=EnergyMeter,
    read=_read,
)
