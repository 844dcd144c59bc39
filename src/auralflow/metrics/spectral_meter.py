"""Sums of differences between spectrograms: what distances of spectra are made of."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from auralflow.dsp.fir import FirFilter
from auralflow.metrics.meter import Readings
from auralflow.metrics.spectrogram import Magnitudes, Resolution

__all__ = ["SpectralMeter", "SpectralSums"]


class SpectralSums(NamedTuple):
    """Sums over channels, frames and bins in float64, of the magnitudes |S| and |Ŝ|."""

    values: Float[Tensor, "*S"]
    """How many there are."""
    difference: Float[Tensor, "*S"]
    """Σ | |Ŝ| − |S| |"""
    error: Float[Tensor, "*S"]
    """Σ (|Ŝ| − |S|)²"""
    reference: Float[Tensor, "*S"]
    """Σ |S|²"""
    estimate: Float[Tensor, "*S"]
    """Σ |Ŝ|²"""
    logarithms: Float[Tensor, "*S"]
    """Σ | ln |Ŝ| − ln |S| |; 0 where powers have no floor, for then it would have no bound."""


class SpectralMeter:
    """Sums at several resolutions, in memory that does not grow with the track."""

    def __init__(
        self,
        sources: int,
        sample_rate: int,
        *,
        resolutions: Sequence[Resolution],
        taps: Float[Tensor, " K"] | None = None,
    ) -> None:
        self._filter = None if taps is None else FirFilter(taps)
        self._resolutions = tuple(resolutions)
        self._spectra = tuple(Magnitudes(each, sample_rate) for each in resolutions)
        self._sums = [torch.zeros(6, sources, dtype=torch.float64) for _ in resolutions]
        self._heard: Bool[Tensor, " S"] = torch.zeros(sources, dtype=torch.bool)

    def update(
        self,
        estimate: Float[Tensor, "S C T"],
        reference: Float[Tensor, "S C T"],
        _mixture: Float[Tensor, "C T"],
    ) -> None:
        """Add the next block of the track."""
        self._heard |= (reference != 0).flatten(1).any(-1).cpu()
        audio = torch.stack([estimate, reference]).float()
        if self._filter is not None:
            audio = self._filter.add(audio)
        for index, spectra in enumerate(self._spectra):
            for magnitudes in spectra.add(audio):
                self._sums[index] += _sums(magnitudes, self._resolutions[index])

    def of_track(self, distance: Callable[[SpectralSums], Float[Tensor, " S"]]) -> Readings:
        """The mean of a distance over the resolutions; NaN where the reference is silent."""
        if not self._heard.any():
            return Readings(torch.full((len(self._heard), 1), torch.nan))
        distances = torch.stack([distance(SpectralSums(*sums)) for sums in self._with_rest()])
        values = torch.where(self._heard, distances.mean(0), torch.nan)
        return Readings(values.unsqueeze(-1))

    def _with_rest(self) -> list[Tensor]:
        every = []
        last = None if self._filter is None else self._filter.rest()
        for sums, spectra, resolution in zip(
            self._sums, self._spectra, self._resolutions, strict=True
        ):
            rest = [_sums(each, resolution) for each in spectra.rest(last)]
            every.append(sums + torch.stack(rest).sum(0))
        return every


def _sums(magnitudes: Float[Tensor, "2 S C N F"], resolution: Resolution) -> Float[Tensor, "6 S"]:
    estimate, reference = magnitudes.flatten(2)
    size = (estimate - reference).abs()
    parts = [torch.ones_like(size), size, size.square(), reference.square(), estimate.square()]
    if resolution.power_floor:
        parts.append((estimate.log() - reference.log()).abs())
    else:
        parts.append(torch.zeros_like(size))
    return torch.stack([part.sum(-1, dtype=torch.float64) for part in parts]).cpu()
