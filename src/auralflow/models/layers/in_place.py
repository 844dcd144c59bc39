"""What takes the place of the features it is made of, where no gradient is wanted.

Beside the widest levels another tensor of their size is what a song takes most memory for.
"""

import torch
from torch import Tensor, nn

from auralflow.models.tracing import is_traced

__all__ = ["activated", "takes_place", "with_skip"]


def with_skip(features: Tensor | None, skip: Tensor) -> Tensor:
    """The sum of features and what the encoder left beside them, of any one shape; the skip alone where there are none.

    The features must be nobody else's.
    """
    if features is None:
        return skip
    if not takes_place(features) or features.dtype != skip.dtype:
        return features + skip
    return features.add_(skip)


def activated(activation: nn.Module, features: Tensor) -> Tensor:
    """What an activation makes of features, which must be nobody else's."""
    if takes_place(features):
        if isinstance(activation, nn.GELU):
            answer: Tensor = torch.ops.aten.gelu_(features, approximate=activation.approximate)
            return answer
        if isinstance(activation, nn.ReLU):
            return features.relu_()
    answer = activation(features)
    return answer  # noqa: RET504  (torch gives it no type)


def takes_place(features: Tensor) -> bool:
    """Whether what is computed of features may be written where they are."""
    return not (torch.is_grad_enabled() or is_traced() or features.requires_grad)
