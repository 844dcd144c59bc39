"""The oracle that filters all channels at once."""

import torch
from torch import Tensor

from auralflow.shapes import Spectrum, StemSpectrum

__all__ = ["multichannel_wiener"]

_TINY = 1e-12
_BINS = 64
"""Bins that are filtered together: the matrices of all would take many times the memory of the audio."""


def multichannel_wiener(sources: StemSpectrum, mixture: Spectrum) -> StemSpectrum:
    """The mixture through the multichannel Wiener filter that the true sources call for.

    Each source j is Gaussian noise of power v_j(n, f) with one covariance between channels R_j(f) for the whole track:
    R_j is the mean of y yᴴ / |y|² over the frames and v_j = tr(R_j⁻¹ y yᴴ) / C, with the mean |y|² over C channels.
    The estimate is v_j R_j (Σ_k v_k R_k)⁻¹ x. In complex128: where channels are nearly the same, R_j is nearly singular.

    Source: MWF of Stöter, Liutkus, Ito, "The 2018 Signal Separation Evaluation Campaign", LVA/ICA 2018.
    """
    bins = mixture.shape[-2]
    parts = [
        _filtered(sources[..., low : low + _BINS, :], mixture[..., low : low + _BINS, :])
        for low in range(0, bins, _BINS)
    ]
    return torch.cat(parts, dim=-2)


def _filtered(sources: StemSpectrum, mixture: Spectrum) -> StemSpectrum:
    truth = sources.to(torch.complex128).permute(0, 1, 3, 4, 2)  # B S F N C
    heard = mixture.to(torch.complex128).permute(0, 2, 3, 1)  # B F N C
    channels = truth.shape[-1]
    floor = _TINY * torch.eye(channels, dtype=truth.dtype)
    power = truth.abs().square().mean(-1)
    covariance = torch.einsum(
        "bsfnc,bsfnd->bsfcd", truth / (power + _TINY).unsqueeze(-1), truth.conj()
    )
    covariance = covariance / truth.shape[-2]
    inverse = _inverted(covariance, floor)
    loudness = torch.einsum("bsfnc,bsfcd,bsfnd->bsfn", truth.conj(), inverse, truth).real / channels
    model = torch.einsum("bsfn,bsfcd->bfncd", loudness.to(truth.dtype), covariance)
    level = model.diagonal(dim1=-2, dim2=-1).real.sum(-1)[..., None, None]
    white = torch.linalg.solve(model + (level + _TINY) * floor, heard.unsqueeze(-1)).squeeze(-1)
    found = torch.einsum("bsfcd,bfnd->bsfnc", covariance, white) * loudness.unsqueeze(-1)
    return found.permute(0, 1, 4, 2, 3).to(sources.dtype)


def _inverted(covariance: Tensor, floor: Tensor) -> Tensor:
    """The inverse of matrices whose trace is the number of channels, or zero for silence."""
    inverse: Tensor = torch.linalg.inv(covariance + 1e3 * floor)
    return inverse
