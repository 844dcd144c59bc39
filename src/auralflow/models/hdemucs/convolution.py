"""Convolutions over bins and time, of features that lie next to one another in memory (channels_last).

On processors they are up to three times as fast there as on planes, forwards and for the gradient of the input. The
gradient of the weights of several taps is not: for that alone both sides are copied to planes, a few bins at a time, so
that the copies stay in the processor's cache. Features are `B K F N` everywhere and only their strides differ; weights,
names and answers are torch's. On other devices, in reduced precision and where torch compiles, the convolutions are
torch's, too.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from auralflow.models.layers.blocks import wants_blocks
from auralflow.models.layers.rows import RowConv1d, RowConvTranspose1d
from auralflow.models.tracing import is_traced

__all__ = ["Convolution", "convolve", "convolve_surrounded", "features_last"]

_BLOCK = 2**20
"""Values that are copied at a time."""

_ANSWERS = 256
"""Features that are computed at a time where weights are many: of 128, 256 and 512 the last two take equally long."""

Convolution = nn.Conv2d | nn.ConvTranspose2d | RowConv1d | RowConvTranspose1d


def features_last(features: Tensor) -> Tensor:
    """Features `B K F N`, of which the `K` of each place lie together."""
    return features.contiguous(memory_format=torch.channels_last)


def convolve(layer: Convolution, features: Tensor) -> Tensor:
    """What a layer makes of features `B K F N`; one that goes along time only takes them with one bin."""
    if isinstance(layer, nn.Conv1d | nn.ConvTranspose1d):
        along_time: Tensor = layer(features.squeeze(2))
        return along_time.unsqueeze(2)
    if is_traced() or _is_wide(layer, features):
        features = features.contiguous()
        if isinstance(layer, nn.Conv2d) and wants_blocks(features, layer.weight.numel()):
            return _by_answers(layer, features)
    else:
        features = features_last(features)
        if _is_written_out(layer, features):
            answer: Tensor = _LastFeatures.apply(  # type: ignore[no-untyped-call]  # torch gives it no types
                features, layer.weight, layer.bias, _geometry(layer)
            )
            return answer
    plain: Tensor = layer(features)
    return plain


def convolve_surrounded(layer: Convolution, features: Tensor) -> Tensor:
    """The same of features that have what surrounds them along the bins with them, without a gradient."""
    if not isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        raise TypeError(f"{type(layer).__name__} does not go over bins")
    features = features_last(features)
    padding = (0, int(layer.padding[1]))
    function = F.conv_transpose2d if isinstance(layer, nn.ConvTranspose2d) else F.conv2d
    answer: Tensor = function(features, layer.weight, layer.bias, layer.stride, padding)
    return answer


def _by_answers(layer: nn.Conv2d, features: Tensor) -> Tensor:
    """The same some answers at a time: oneDNN lays out anew the weights it is given, here tens of megabytes of them.

    It is twice as quick so at the bottom of Hybrid Demucs.
    """
    padding = (int(layer.padding[0]), int(layer.padding[1]))
    some = [slice(start, start + _ANSWERS) for start in range(0, layer.out_channels, _ANSWERS)]
    bias = layer.bias
    parts = [
        F.conv2d(
            features,
            layer.weight[part],
            None if bias is None else bias[part],
            layer.stride,
            padding,
            layer.dilation,
        )
        for part in some
    ]
    return torch.cat(parts, 1)


def _is_wide(layer: nn.Conv2d | nn.ConvTranspose2d, features: Tensor) -> bool:
    """Whether there is more of the weights than of the features: turning them round costs more than is saved."""
    return layer.weight.numel() > features.numel()


def _is_written_out(layer: nn.Conv2d | nn.ConvTranspose2d, features: Tensor) -> bool:
    """Whether there is a gradient to compute on a processor, at full precision, as it is written here."""
    return (
        features.device.type == "cpu"
        and torch.is_grad_enabled()
        and layer.weight.requires_grad
        and features.dtype == layer.weight.dtype == torch.float32
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
    )


def _geometry(layer: nn.Conv2d | nn.ConvTranspose2d) -> tuple[Any, ...]:
    """What torch wants to know besides tensors."""
    transposed = isinstance(layer, nn.ConvTranspose2d)
    return (layer.stride, layer.padding, layer.dilation, transposed, (0, 0), 1)


class _LastFeatures(Function):
    """torch's convolution, with the gradient of its weights in another layout than everything else."""

    @staticmethod
    def forward(
        ctx: Any, features: Tensor, weight: Tensor, bias: Tensor | None, geometry: tuple[Any, ...]
    ) -> Tensor:
        """`B K F N` in and out."""
        ctx.save_for_backward(features, weight)
        ctx.geometry = geometry
        return torch.convolution(features, weight, bias, *geometry)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of the features, the weights and the offsets."""
        features, weight = ctx.saved_tensors
        gradient = features_last(gradient)
        of_features = None
        if ctx.needs_input_grad[0]:
            of_features, _, _ = torch.ops.aten.convolution_backward(
                gradient, features, weight, None, *ctx.geometry, (True, False, False)
            )
        of_bias = gradient.sum((0, 2, 3)) if ctx.needs_input_grad[2] else None
        of_weight = None
        if ctx.needs_input_grad[1]:
            transposed = ctx.geometry[3]
            coarse, fine = (features, gradient) if transposed else (gradient, features)
            of_weight = _of_weight(coarse, fine, weight, ctx.geometry)
        return of_features, of_weight, of_bias, None


def _of_weight(coarse: Tensor, fine: Tensor, weight: Tensor, geometry: tuple[Any, ...]) -> Tensor:
    """The gradient of weights between a coarser and a finer side, as the sum over blocks of the coarser side's bins."""
    (stride, across), (padding, beside), dilation, transposed, *rest = geometry
    taps = weight.shape[2]
    bins, finer = coarse.shape[2], fine.shape[2]
    if weight[0, 0].numel() == 1:
        size, layout = bins, torch.channels_last
    else:
        values = coarse[:, :, 0].numel() + stride * fine[:, :, 0].numel()
        size, layout = max(1, _BLOCK // values), torch.contiguous_format
    total = torch.zeros_like(weight)
    for start in range(0, bins, size):
        end = min(start + size, bins)
        first, last = start * stride - padding, (end - 1) * stride - padding + taps
        outside = (max(0, -first), max(0, last - finer))
        seen = fine[:, :, max(0, first) : last]
        if any(outside):
            seen = F.pad(seen, (0, 0, *outside))
        block, seen = (
            part.contiguous(memory_format=layout) for part in (coarse[:, :, start:end], seen)
        )
        gradient, features = (seen, block) if transposed else (block, seen)
        total += torch.ops.aten.convolution_backward(
            gradient,
            features,
            weight,
            None,
            (stride, across),
            (0, beside),
            dilation,
            transposed,
            *rest,
            (False, True, False),
        )[1]
    return total
