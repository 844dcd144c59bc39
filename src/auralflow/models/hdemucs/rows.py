"""Residual branches on a spectrogram, whose bins they know nothing of."""

from torch import Tensor

from auralflow.models.layers.residual import ResidualBranch

__all__ = ["along_time"]


def along_time(branch: ResidualBranch, features: Tensor) -> Tensor:
    """What a branch makes of features `B K F N`, of which each bin is a signal on its own."""
    batch, width, bins, frames = features.shape
    answer: Tensor = branch(features.transpose(1, 2).reshape(batch * bins, width, frames))
    return answer.reshape(batch, bins, width, frames).transpose(1, 2)
