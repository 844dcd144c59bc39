"""Norms over groups of features."""

import torch
from torch import Tensor, nn

__all__ = ["GroupNorm"]


class GroupNorm(nn.GroupNorm):
    """torch's, but one value standing alone becomes zero where torch refuses it: mixtures may be one sample long."""

    def forward(self, features: Tensor) -> Tensor:
        """Features `B K …` in and out."""
        return torch.group_norm(features, self.num_groups, self.weight, self.bias, self.eps)
