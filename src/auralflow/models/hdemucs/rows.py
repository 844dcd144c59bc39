"""Residual branches on a spectrogram, whose bins they know nothing of."""

import torch
from torch import Tensor, nn

from auralflow.models.hdemucs.convolution import convolve, gate
from auralflow.models.layers.residual import ResidualBranch

__all__ = ["along_time"]


def along_time(branch: ResidualBranch, features: Tensor) -> Tensor:
    """What a branch makes of features `B K F N`, of which each bin is a signal on its own.

    The same as calling it on `B·F K N`, but features stay in the layout of their convolutions.
    """
    batch, width, bins, frames = features.shape
    rows = features.permute(0, 2, 1, 3).reshape(batch * bins, width, 1, frames)
    for layer in branch.layers:
        *parts, scale = layer.children()
        inner = rows
        for part in parts:
            inner = _apply(part, inner)
        rows = torch.addcmul(rows, inner, scale.scale[:, None, None])
    return rows.reshape(batch, bins, width, frames).permute(0, 2, 1, 3)


def _apply(part: nn.Module, rows: Tensor) -> Tensor:
    if isinstance(part, nn.Conv1d):
        return convolve(part, rows)
    if isinstance(part, nn.GLU):
        return gate(rows)
    if isinstance(part, nn.GroupNorm | nn.GELU | nn.ReLU | nn.Identity):
        pointwise: Tensor = part(rows)
        return pointwise
    recurrent: Tensor = part(rows.squeeze(2))
    return recurrent.unsqueeze(2)
