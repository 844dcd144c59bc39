"""The mask of an estimate, compared with the ideal ratio mask.

The estimate's mask is M̂ = |Ŝ| / |X|, X being the mixture: what a network with a mask multiplies by, and for any other
network what it would have multiplied by. The ideal one, with R = X − S, is

    M = √(|S|² / (|S|² + |R|²))                               between 0 and 1

The loss is the mean of (M̂ − M)² over the bins in which the mixture is heard, at 1e-5 of full scale or above; elsewhere a
mask means nothing. No bin counts more than another, however loud. A difference d above 1, which no mask up to 1 has,
counts 2d − 1, so that an estimate far louder than its mixture does not outweigh all else.

Source: Wang, Narayanan and Wang, "On Training Targets for Supervised Speech Separation", TASLP 2014.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from auralflow.losses.options import LossOptions
from auralflow.losses.pair import Pair
from auralflow.losses.term import sum_of_targets
from auralflow.shapes import Magnitudes

__all__ = ["QUIETEST", "ideal_ratio_mask", "mask_term"]

QUIETEST = 1e-5
"""Magnitude below which a mixture is not heard."""


def ideal_ratio_mask(stem: Magnitudes, residual: Magnitudes) -> Magnitudes:
    """The share of each bin that is a stem's, between 0 and 1; 0 where both are silent."""
    energy = stem.square() + residual.square()
    return (stem.square() / energy.clamp_min(QUIETEST**2)).sqrt()


def mask_term(pair: Pair, _options: LossOptions) -> Float[Tensor, "B S"]:
    """`mask` of the catalogue."""
    mixture = pair.mixture.magnitude
    mask = pair.estimate.magnitude / mixture.clamp_min(QUIETEST)
    ideal = ideal_ratio_mask(pair.reference.magnitude, pair.residual.magnitude)
    heard = (mixture >= QUIETEST).expand_as(mask)
    costs = 2 * F.smooth_l1_loss(mask, ideal, reduction="none", beta=1.0)
    return sum_of_targets(costs * heard) / sum_of_targets(heard).clamp_min(1)
