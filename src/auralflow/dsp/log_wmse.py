"""The logarithm of a weighted error in proportion to the weighted mixture: the loss and the metric say the same.

Source: Jordal, log-wmse-audio-quality 0.2; the form without a threshold of audibility is that of Landschoot's
torch-log-wmse 1.1, negated.
"""

from jaxtyping import Float
from torch import Tensor

__all__ = ["log_error"]

_SCALE = 4.0
_PERFECT = 1e-8
_SILENT_POWER = 1e-16


def log_error(
    error_power: Float[Tensor, "*B"], mixture_power: Float[Tensor, "*#B"]
) -> Float[Tensor, "*B"]:
    """4 ln(error / mixture + 1e-8) of two powers behind the filters of `hearing.py`; lower is better.

    −73.7 for no error at all, and 9.2 more for 10 dB. A silent mixture counts as 160 dB below full scale.
    """
    return _SCALE * (error_power / mixture_power.clamp_min(_SILENT_POWER) + _PERFECT).log()
