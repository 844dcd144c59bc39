"""Distances between what a network estimated and the truth, averaged over every value.

They work in whatever domain the network's estimate has: samples, or the magnitudes of a spectrogram. Both tensors have
one shape, and each loss is zero where they agree, silence included.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from auralflow.errors import ModelError

__all__ = ["l1", "l2", "smooth_l1"]


def l1(estimate: Float[Tensor, "..."], reference: Float[Tensor, "..."]) -> Float[Tensor, ""]:
    """Mean absolute difference, in the unit of the values.

    Raises `ModelError` if the shapes differ, since broadcasting would hide the mistake.
    """
    _check_shapes(estimate, reference)
    return F.l1_loss(estimate, reference)


def l2(estimate: Float[Tensor, "..."], reference: Float[Tensor, "..."]) -> Float[Tensor, ""]:
    """Mean squared difference, in the squared unit of the values; loud passages dominate it.

    Raises `ModelError` if the shapes differ.
    """
    _check_shapes(estimate, reference)
    return F.mse_loss(estimate, reference)


def smooth_l1(
    estimate: Float[Tensor, "..."], reference: Float[Tensor, "..."], *, knee: float = 0.1
) -> Float[Tensor, ""]:
    """Absolute difference made smooth around zero: d² / 2·knee below `knee`, |d| − knee / 2 above.

    torch's own knee of 1 lies at full scale, so for audio it would be `l2` by another name.

    Raises `ModelError` if the shapes differ.

    Source: Girshick, "Fast R-CNN", ICCV 2015.
    """
    _check_shapes(estimate, reference)
    return F.smooth_l1_loss(estimate, reference, beta=knee)


def _check_shapes(estimate: Tensor, reference: Tensor) -> None:
    if estimate.shape != reference.shape:
        raise ModelError(
            f"the estimate has shape {tuple(estimate.shape)}, the reference "
            f"{tuple(reference.shape)}: a loss compares equal shapes"
        )
