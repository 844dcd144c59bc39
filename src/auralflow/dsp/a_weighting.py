"""The A-weighting of sound level meters, as a short filter."""

import math
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["a_weighting_taps"]

_REACH = 50
_POINTS = 512
_POLES = (20.598997, 107.65265, 737.86223, 12194.217)
"""In Hz; the first and the last are double."""
_LEVEL_AT_1_KHZ_DB = 1.9997


@lru_cache(maxsize=4)
def a_weighting_taps(sample_rate: int) -> Float[Tensor, "101"]:
    """101 symmetric taps whose response comes closest to the A-weighting, squared deviations taken over frequency.

    The curve is that of the analogue filter of IEC 61672, moved to the sample rate by the bilinear transform, at 512
    frequencies; only every other interval between them counts.

    Source: Wright and Välimäki, "Perceptual Loss Function for Neural Modelling of Audio Systems", ICASSP 2020; the
    length and the intervals are those of auraloss 0.4.0.
    """
    frequency = torch.arange(_POINTS, dtype=torch.float64) / _POINTS
    wanted = _response(frequency, sample_rate)
    edges, levels = frequency.reshape(-1, 2), wanted.reshape(-1, 2)
    order = torch.arange(_REACH + 1)
    sums = _integral_of_cosine(torch.arange(2 * _REACH + 1), edges)
    # ∫ cos kx cos lx is half of ∫ cos (k − l)x + ∫ cos (k + l)x.
    normal = (
        sums[(order[:, None] - order[None, :]).abs()] + sums[order[:, None] + order[None, :]]
    ) / 2
    cosines = torch.linalg.solve(normal, _integral_of_lines(order, edges, levels))
    half = cosines[1:] / 2
    return torch.cat([half.flip(0), cosines[:1], half]).float()


def _response(frequency: Float[Tensor, " N"], sample_rate: int) -> Float[Tensor, " N"]:
    """Size of the response at shares of half the sample rate."""
    hertz = sample_rate / math.pi * torch.tan(math.pi * frequency / 2)
    low, second, third, high = _POLES
    double = (hertz**2 + low**2) * (hertz**2 + high**2)
    single = torch.sqrt((hertz**2 + second**2) * (hertz**2 + third**2))
    return 10 ** (_LEVEL_AT_1_KHZ_DB / 20) * high**2 * hertz**4 / (double * single)


def _integral_of_cosine(
    order: Float[Tensor, " K"], edges: Float[Tensor, "N 2"]
) -> Float[Tensor, " K"]:
    """∫ cos πkx over the intervals."""
    turns = math.pi * order[1:, None, None]
    rest = (torch.sin(turns * edges) / turns).diff(dim=-1).sum((-1, -2))
    return torch.cat([edges.diff(dim=-1).sum()[None], rest])


def _integral_of_lines(
    order: Float[Tensor, " K"], edges: Float[Tensor, "N 2"], levels: Float[Tensor, "N 2"]
) -> Float[Tensor, " K"]:
    """∫ D cos πkx, where D runs straight between the levels at both ends of each interval."""
    slope = levels.diff(dim=-1) / edges.diff(dim=-1)
    turns = math.pi * order[1:, None, None]
    along = levels * torch.sin(turns * edges) / turns + slope * torch.cos(turns * edges) / turns**2
    rest = along.diff(dim=-1).sum((-1, -2))
    mean = (levels.mean(-1, keepdim=True) * edges.diff(dim=-1)).sum()
    return torch.cat([mean[None], rest])
