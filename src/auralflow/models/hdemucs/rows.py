"""Residual branches on a spectrogram, whose bins they know nothing of."""

from torch import Tensor

from auralflow.models.layers.residual import ResidualBranch

__all__ = ["along_time"]


def along_time(branch: ResidualBranch, features: Tensor) -> Tensor:
    """What a branch makes of features `B K F N`, of which each bin is a signal on its own."""
    rows = features.transpose(1, 2)
    answer: Tensor = branch(rows.flatten(0, 1))
    return answer.unflatten(0, rows.shape[:2]).transpose(1, 2)
