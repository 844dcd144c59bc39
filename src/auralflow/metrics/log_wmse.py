"""The error as people hear it, in proportion to the mixture: a number even where the target is silent."""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.dsp.autocorrelation import Autocorrelation
from auralflow.dsp.hearing import autocorrelation_of_hearing, weighted_power
from auralflow.dsp.log_wmse import log_error
from auralflow.metrics.meter import Readings
from auralflow.metrics.metric import Metric
from auralflow.shapes import Mixture, Stems

__all__ = ["LOG_WMSE", "HearingMeter", "log_wmse"]

_PIECE = 1 << 15
"""Samples transformed at once."""


def log_wmse(
    estimate: Stems, reference: Stems, mixture: Mixture, *, sample_rate: int
) -> Float[Tensor, "B S"]:
    """Weighted error of each stem by that of the mixture, on a logarithmic scale; higher is better, by 9.2 for 10 dB.

    Means over channels. A perfect estimate gives 73.7, whether the reference is silent or not. It is the loss
    `log-wmse` with the sign turned.

    Source: Jordal, log-wmse-audio-quality 0.2; without its threshold of audibility, as Landschoot's torch-log-wmse 1.1.
    """
    error = weighted_power(estimate - reference, sample_rate)
    return -log_error(error, weighted_power(mixture, sample_rate).unsqueeze(1)).mean(-1)


class HearingMeter:
    """Powers behind the filters of hearing, from what adds up over blocks: autocorrelations."""

    def __init__(self, sources: int, sample_rate: int) -> None:
        self._sources = sources
        self._filter = autocorrelation_of_hearing(sample_rate)
        # Each sum stands for two lags, one to either side.
        self._filter[1:] *= 2
        self._sums = Autocorrelation(len(self._filter))
        self._samples = 0

    def update(
        self,
        estimate: Float[Tensor, "S C T"],
        reference: Float[Tensor, "S C T"],
        mixture: Float[Tensor, "C T"],
    ) -> None:
        """Add the next block of the track."""
        both = torch.cat([estimate, mixture.expand_as(reference)]) - reference.repeat(2, 1, 1)
        audio = torch.cat([both, mixture[None]])
        for piece in audio.split(_PIECE, -1):
            self._sums.add(piece)
        self._samples += audio.shape[-1]

    def log_wmse(self) -> Readings:
        """Of the track so far."""
        if not self._samples:
            nothing = torch.full((self._sources, 1), torch.nan)
            return Readings(nothing, nothing)
        power = (self._sums.sums() @ self._filter.to(self._sums.sums().device)) / self._samples
        *errors, heard = power.clamp_min(0)
        values = -log_error(torch.stack(errors), heard).mean(-1, keepdim=True)
        estimate, mixture = values.chunk(2)
        return Readings(estimate, mixture)


LOG_WMSE = Metric(
    name="log-wmse",
    label="log-WMSE",
    explanation="error as it is heard, by the mixture, on a logarithmic scale; counts silent targets too",
    source="Jordal, log-wmse-audio-quality 0.2, without its threshold of audibility; Landschoot, torch-log-wmse 1.1",
    unit="",
    meter=HearingMeter,
    read=lambda meter: meter.log_wmse(),
)
