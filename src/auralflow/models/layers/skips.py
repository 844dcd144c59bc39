"""What the encoder of a U-Net leaves for its decoder, where both are added."""

import torch
from torch import Tensor

from auralflow.models.tracing import is_traced

__all__ = ["with_skip"]


def with_skip(features: Tensor | None, skip: Tensor) -> Tensor:
    """The sum of both, of any one shape; the skip alone where nothing has come from below.

    Where no gradient is wanted it takes the place of the features, which must be nobody else's: beside the widest levels a
    third tensor of their size is what a song takes most memory for.
    """
    if features is None:
        return skip
    if torch.is_grad_enabled() or is_traced() or features.dtype != skip.dtype:
        return features + skip
    return features.add_(skip)
