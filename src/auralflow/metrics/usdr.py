"""Signal-to-distortion ratio of a whole track, as the Music Demixing Challenge 2021 ranks by."""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.metrics.energy_meter import EnergyMeter
from auralflow.metrics.metric import Metric
from auralflow.metrics.sums import Sums, audio_sums
from auralflow.shapes import Stems

__all__ = ["USDR", "energy_ratio", "usdr", "utterance_ratio"]

_DELTA = 1e-7


def utterance_ratio(sums: Sums) -> Float[Tensor, "..."]:
    """10 log10 of (Σ s² + δ) / (Σ (ŝ − s)² + δ) with δ = 1e-7, in dB.

    δ keeps a perfect estimate finite. A silent reference gives NaN, where the challenge's own code gives a number
    that depends on δ alone.
    """
    return energy_ratio(sums.reference, sums.error)


def energy_ratio(reference: Float[Tensor, "*B"], error: Float[Tensor, "*B"]) -> Float[Tensor, "*B"]:
    """The same of Σ s² and Σ (ŝ − s)² alone."""
    ratio = 10 * torch.log10((reference + _DELTA) / (error + _DELTA))
    return torch.where(reference > 0, ratio, torch.nan)


def usdr(estimate: Stems, reference: Stems) -> Float[Tensor, "B S"]:
    """SDR over the whole length of each stem, in dB; higher is better.

    Channels are taken together. Loud passages weigh most. A silent reference gives NaN.

    Source: Mitsufuji et al., "Music Demixing Challenge 2021", Frontiers in Signal Processing, 2022.
    """
    return utterance_ratio(audio_sums(estimate, reference))


USDR = Metric(
    name="usdr",
    label="uSDR",
    explanation="signal to distortion ratio of the whole track at once (Music Demixing Challenge)",
    source="Mitsufuji et al., “Music Demixing Challenge 2021”, Frontiers in Signal Processing, 2022",
    by_default=True,
    meter=EnergyMeter,
    read=lambda meter: meter.of_track(utterance_ratio),
)
