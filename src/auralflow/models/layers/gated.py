"""Convolutions along time with twice as many features as are wanted, half of which gate the other half.

Without a gradient both are computed for a few moments at a time (`auralflow.models.layers.blocks`). With one, or where a
segment is short, they are the layers one after the other.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.models.layers.blocks import per_block, wants_blocks
from auralflow.models.layers.rows import RowConv1d, RowGroupNorm

__all__ = ["add_gated", "gated"]


def gated(conv: nn.Module, norm: nn.Module, gate: nn.Module, features: Tensor) -> Tensor:
    """Features `B L T` of `B K T`, which must be nobody else's: a convolution with `2L`, a norm or none, and the gate."""
    if not (
        isinstance(conv, RowConv1d) and isinstance(norm, nn.Identity) and _is_plain(conv, features)
    ):
        whole: Tensor = gate(norm(conv(features)))
        return whole
    batch, _, moments = features.shape
    reach, wide = int(conv.padding[0]), conv.out_channels
    # Where no moment sees another, none is wanted once it was seen.
    in_place = reach == 0 and wide == 2 * conv.in_channels
    answer = features if in_place else features.new_empty(batch, moments, wide // 2).mT
    size = per_block(batch * wide)
    weight = conv.weight.unsqueeze(2)
    for start in range(0, moments, size):
        end = min(start + size, moments)
        seen = features[..., max(0, start - reach) : end + reach]
        outside = (max(0, reach - start), max(0, end + reach - moments))
        if any(outside):
            seen = F.pad(seen, outside)
        rows = seen.unsqueeze(2).contiguous(memory_format=torch.channels_last)
        answer[..., start:end] = gate(F.conv2d(rows, weight, conv.bias).squeeze(2))
    return answer


def add_gated(
    features: Tensor,
    branch: Tensor,
    layers: tuple[nn.Module, nn.Module, nn.Module],
    scale: Tensor,
) -> Tensor:
    """Features `B K T` and a gated convolution of a branch `B W T` added to them, each feature times its scale `K`.

    The features must be nobody else's: they may be what is added to.

    A group norm over all features needs their mean and deviation first. Of a convolution with one tap they follow from the
    mean and the covariance of what goes in, which is narrow: so the norm is a part of the weights, other ones for each
    item, and what it would go over is never written down.
    """
    conv, norm, gate = layers
    if not (
        isinstance(conv, RowConv1d)
        and isinstance(norm, RowGroupNorm)
        and norm.num_groups == conv.kernel_size[0] == 1
        and _is_plain(conv, branch)
    ):
        return torch.addcmul(features, gated(conv, norm, gate, branch), scale[:, None])
    ins, outs = branch.mT, features.mT
    weight, offset = _normed(conv, norm, ins)
    batch, moments, _ = ins.shape
    size = per_block(batch * conv.out_channels)
    for start in range(0, moments, size):
        here = slice(start, start + size)
        added = F.glu(torch.baddbmm(offset, ins[:, here], weight), -1)
        torch.addcmul(outs[:, here], added, scale, out=outs[:, here])
    return outs.mT


def _is_plain(conv: RowConv1d, features: Tensor) -> bool:
    """Whether a convolution keeps the number of moments, and is better computed in blocks of them, at full precision."""
    batch, _, moments = features.shape
    return (
        wants_blocks(features, batch * moments * conv.out_channels)
        and features.dtype == conv.weight.dtype == torch.float32
        and not torch.is_autocast_enabled("cpu")
        and conv.stride == conv.dilation == (1,)
        and conv.padding == (conv.kernel_size[0] // 2,)
        and conv.kernel_size[0] % 2 == 1
    )


def _normed(conv: RowConv1d, norm: RowGroupNorm, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Weights `B W 2K` and offsets `B 1 2K` of a convolution and the norm after it, for rows `B T W`."""
    weight = conv.weight[:, :, 0]
    bias = weight.new_zeros(len(weight)) if conv.bias is None else conv.bias
    mean = rows.mean(1, keepdim=True)
    centred = rows - mean
    covariance = centred.mT @ centred / rows.shape[1]
    # The variance over features and time: that of the features' means, and the mean of what they vary by.
    means = mean @ weight.t() + bias
    middle = means.mean(-1, keepdim=True)
    varied = ((weight @ covariance) * weight).sum((1, 2)) / len(weight)
    variance = (means - middle).square().mean(-1, keepdim=True) + varied[:, None, None]
    factor = torch.rsqrt(variance + norm.eps)
    if norm.weight is not None:
        factor = norm.weight * factor
    offset = (bias - middle) * factor
    return weight.t() * factor, offset if norm.bias is None else offset + norm.bias
