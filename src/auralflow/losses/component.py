"""What a mask does to the target and to the rest, weighed apart.

With the estimate's mask M̂ = |Ŝ| / |X|, X being the mixture, S the true stem and R = X − S the residual:

    (1 − α − β) · mean (M̂|S| − |S|)²           the target should pass,
              α · mean (M̂|R|)²                 the residual should not,
              β · mean (g M̂|R| − |R|)²         and what passes of it should keep its shape

where g brings M̂|R| back to the level of |R|, by at most 40 dB. Means are over channels, bins and frames of each target.

Source: Xu et al., "Components Loss for Neural Networks in Mask-Based Speech Enhancement", EURASIP Journal on Audio,
Speech, and Music Processing, 2021; α and β are those of the authors' code. Differs from it: that code divides both sides of
the third term by their norms, so that it shrinks as spectrograms grow and does not follow the level as the other
two do; here it is multiplied by the mean square of |R|, which makes it as large as they are. |R| is the magnitude of a
difference, not a difference of magnitudes.
"""

from jaxtyping import Float
from torch import Tensor

from auralflow.losses.mask import QUIETEST
from auralflow.losses.options import ComponentOptions, LossOptions
from auralflow.losses.pair import Pair
from auralflow.losses.term import mean_of_targets
from auralflow.shapes import Magnitudes

__all__ = ["component_term", "components"]

_MOST_GAIN = 100.0


def components(
    mask: Magnitudes, stem: Magnitudes, residual: Magnitudes, options: ComponentOptions
) -> Float[Tensor, "B S"]:
    """The weighted sum of the three components."""
    kept, left = mask * stem, mask * residual
    target = mean_of_targets((kept - stem).square())
    loudness = mean_of_targets(left.square())
    original = mean_of_targets(residual.square())
    quietest = (original / _MOST_GAIN**2).clamp_min(QUIETEST**2)
    gain = (original / loudness.maximum(quietest)).clamp_min(QUIETEST**2).sqrt()
    shape = mean_of_targets((gain[..., None, None, None] * left - residual).square())
    rest = 1 - options.alpha - options.beta
    return rest * target + options.alpha * loudness + options.beta * shape


def component_term(pair: Pair, options: LossOptions) -> Float[Tensor, "B S"]:
    """`component` of the catalogue."""
    mask = pair.estimate.magnitude / pair.mixture.magnitude.clamp_min(QUIETEST)
    return components(mask, pair.reference.magnitude, pair.residual.magnitude, options.component)
