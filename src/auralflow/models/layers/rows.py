"""Convolutions along time on rows: all features of a moment lie next to one another in memory.

On processors they are up to twice as fast there as on planes, forwards and for the gradient of the input, unless they
are few. The gradient of the weights is not, so it is computed as products of matrices: for each tap, features turned on
their side, times the gradient. Tensors are `B K T` everywhere, as in torch, and only their strides differ; weights, names and answers are
torch's. On other devices, in reduced precision and where torch compiles, the layers are torch's, too.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from auralflow.models.layers.blocks import per_block
from auralflow.models.tracing import is_traced

__all__ = ["Gate", "RowConv1d", "RowConvTranspose1d", "RowGroupNorm"]

_FEW = 256
"""Moments of all items together, below which planes are faster: measured for 64 to 4096 features."""

_HEAVY = 4
"""Weights for each value of the features, from which laying out the features is cheaper: measured for 512 to 2048 features."""

_Layer = nn.Conv1d | nn.ConvTranspose1d


class RowConv1d(nn.Conv1d):
    """`nn.Conv1d` on rows, padded with zeros and without groups."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  (torch's name)
        """Features `B K T` in and out."""
        return _convolve(self, input, transposed=False)


class RowConvTranspose1d(nn.ConvTranspose1d):
    """`nn.ConvTranspose1d` on rows, without groups."""

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:  # noqa: A002  (torch's name)
        """Features `B K T` in and out."""
        if output_size is not None:
            raise TypeError("output_size is not taken here: trim the output")
        return _convolve(self, input, transposed=True)


class RowGroupNorm(nn.GroupNorm):
    """`nn.GroupNorm` that keeps rows rows, and makes zero of one value standing alone, which torch's refuses."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  (torch's name)
        """Features `B K T` in and out."""
        # Only with four dimensions does torch see how the features lie.
        features = torch.group_norm(
            input.unsqueeze(2), self.num_groups, self.weight, self.bias, self.eps
        )
        return features.squeeze(2)


class Gate(nn.GLU):
    """`nn.GLU` over features, which keeps rows rows."""

    def __init__(self) -> None:
        super().__init__(dim=1)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  (torch's name)
        """Features `B 2K T` to `B K T`."""
        return F.glu(input.movedim(1, -1), -1).movedim(-1, 1)


def _convolve(layer: _Layer, features: Tensor, *, transposed: bool) -> Tensor:
    plainly = is_traced() or features.device.type != "cpu"
    if not plainly and transposed and _as_product(layer, features):
        (cut,) = _whole(layer.padding)
        spread = _spread(features, layer.weight, layer.bias, layer.stride[0])
        return spread.narrow(-1, cut, spread.shape[-1] - 2 * cut)
    if not plainly and not transposed and _is_unrolled(layer, features):
        return _gathered(features, layer)
    if plainly or _few_moments(layer, features, transposed=transposed):
        plain = F.conv_transpose1d if transposed else F.conv1d
        return plain(
            features,
            layer.weight,
            layer.bias,
            layer.stride,
            _whole(layer.padding),
            dilation=layer.dilation,
        )
    rows = features.unsqueeze(2).contiguous(memory_format=torch.channels_last)
    weight = layer.weight.unsqueeze(2)
    stride, padding, dilation = (
        (first, *size)
        for first, size in ((1, layer.stride), (0, _whole(layer.padding)), (1, layer.dilation))
    )
    geometry = (stride, padding, dilation, transposed, (0, 0), 1)
    if _written_out(features, weight):
        answer: Tensor = _RowConvolution.apply(rows, weight, layer.bias, geometry)  # type: ignore[no-untyped-call]  # torch gives it no types
    elif transposed:
        answer = F.conv_transpose2d(rows, weight, layer.bias, stride, padding, dilation=dilation)
    else:
        answer = F.conv2d(rows, weight, layer.bias, stride, padding, dilation)
    return answer.squeeze(2)


def _few_moments(layer: _Layer, features: Tensor, *, transposed: bool) -> bool:
    """Whether turning the weights round, which several taps ask for, costs more than rows save."""
    moments = features.shape[0] * features.shape[2]
    if not transposed:
        moments //= layer.stride[0]
    return layer.kernel_size[0] > 1 and moments < _FEW


def _is_unrolled(layer: _Layer, features: Tensor) -> bool:
    """Whether a convolution is one product with what each of its few moments sees, side by side: no gradient.

    oneDNN would lay out the weights anew each time, and at the bottom of a Demucs they are 57 MB and most of the work. The
    product is nearer to float64, too.
    """
    return (
        _is_without_gradient(layer, features)
        and layer.weight.numel() > _HEAVY * features.numel()
        and layer.kernel_size[0] > 1
        and layer.dilation == (1,)
    )


def _gathered(features: Tensor, layer: _Layer) -> Tensor:
    """Features `B L N` of `B K T`: what each moment sees, times all weights."""
    seen = F.pad(features, _whole(layer.padding) * 2).unfold(
        -1, layer.kernel_size[0], layer.stride[0]
    )
    rows = seen.transpose(1, 2).flatten(2)
    return F.linear(rows, layer.weight.flatten(1), layer.bias).transpose(1, 2)


def _is_without_gradient(layer: _Layer, features: Tensor) -> bool:
    """Whether there is none to compute, nor reduced precision."""
    return (
        not (torch.is_grad_enabled() and (layer.weight.requires_grad or features.requires_grad))
        and features.dtype == layer.weight.dtype == torch.float32
        and not torch.is_autocast_enabled("cpu")
    )


def _as_product(layer: _Layer, features: Tensor) -> bool:
    """Whether a transposed convolution is one product and a few sums: no gradient, and every tap at a multiple of the stride.

    oneDNN's own takes up to eight times as long where features are few, as long at the least, and some seconds more the
    first time at many a length.
    """
    return (
        _is_without_gradient(layer, features)
        and layer.kernel_size[0] % layer.stride[0] == 0
        and layer.dilation == (1,)
        and layer.output_padding == (0,)
    )


def _spread(features: Tensor, weight: Tensor, bias: Tensor | None, stride: int) -> Tensor:
    """Features `B L M` of `B K T`: what each moment gives to those around it, added up where they meet."""
    batch, wide, total = features.shape
    narrow, taps = weight.shape[1:]
    rows = features.transpose(1, 2)
    steps = taps // stride
    size = per_block(batch * taps * narrow, least=steps)
    # Laying out the weights costs less than laying out what comes of them, unless there is little of that.
    few = weight.numel() >= batch * min(size, total) * taps * narrow
    matrix = weight.flatten(1) if few else weight.transpose(1, 2).reshape(wide, -1)
    answer = features.new_empty(batch, total + steps - 1, stride, narrow)
    answer[:, : steps - 1] = 0.0
    for start in range(0, total, size):
        end = min(start + size, total)
        given = rows[:, start:end] @ matrix
        if few:
            given = given.view(batch, -1, narrow, taps).transpose(2, 3)
        else:
            given = given.view(batch, -1, taps, narrow)
        # What reaches beyond the block is added to by the next.
        met = min(start + steps - 1, end)
        answer[:, start:met] += given[:, : met - start, :stride]
        answer[:, met:end] = given[:, met - start :, :stride]
        answer[:, max(end, start + steps - 1) : end + steps - 1] = 0.0
        for step in range(1, steps):
            answer[:, start + step : end + step] += given[:, :, step * stride : (step + 1) * stride]
    if bias is not None:
        answer += bias
    return answer.flatten(1, 2).transpose(1, 2)


def _whole(padding: str | tuple[int, ...]) -> tuple[int, ...]:
    if isinstance(padding, str):
        raise TypeError(f"padding is {padding!r}: give a number of samples")
    return padding


def _written_out(features: Tensor, weight: Tensor) -> bool:
    """Whether there is a gradient to compute, at full precision, as it is written here."""
    return (
        torch.is_grad_enabled()
        and weight.requires_grad
        and features.dtype == weight.dtype == torch.float32
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
    )


class _RowConvolution(Function):
    """torch's convolution with another way to the gradient of its weights."""

    @staticmethod
    def forward(
        ctx: Any, rows: Tensor, weight: Tensor, bias: Tensor | None, geometry: tuple[Any, ...]
    ) -> Tensor:
        """`B K 1 T` in and out."""
        ctx.save_for_backward(rows, weight)
        ctx.geometry = geometry
        return torch.convolution(rows, weight, bias, *geometry)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of the rows, the weights and the offsets."""
        rows, weight = ctx.saved_tensors
        (_, stride), (_, padding), (_, dilation), transposed, _, _ = ctx.geometry
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        of_bias = None
        pointwise = weight.shape[-1] == 1
        # With one tap torch's own way is no slower, and ten times as fast where there are few features.
        wanted = (ctx.needs_input_grad[0], pointwise and ctx.needs_input_grad[1], False)
        of_rows, of_weight, _ = torch.ops.aten.convolution_backward(
            gradient, rows, weight, None, *ctx.geometry, wanted
        )
        if ctx.needs_input_grad[1] and not pointwise:
            coarse, fine = (rows, gradient) if transposed else (gradient, rows)
            of_weight = _of_weight(
                coarse[:, :, 0].transpose(1, 2),
                fine[:, :, 0].transpose(1, 2),
                taps=weight.shape[-1],
                stride=stride,
                padding=padding,
                dilation=dilation,
            ).unsqueeze(2)
        if ctx.needs_input_grad[2]:
            of_bias = gradient.sum((0, 2, 3))
        return of_rows, of_weight, of_bias, None


def _of_weight(
    coarse: Tensor, fine: Tensor, *, taps: int, stride: int, padding: int, dilation: int
) -> Tensor:
    """Sums `K L taps` over n of coarse[n] · fine[n·stride + tap·dilation − padding], of `B N K` and `B T L`.

    With a stride, that many neighbours of the finer side are one row, and give as many taps at once.
    """
    batch, places, wide = coarse.shape
    narrow = fine.shape[-1]
    grouped = stride if dilation == 1 else 1
    if grouped != stride:
        raise NotImplementedError("a convolution with a stride and a dilation has no gradient here")
    steps = -(-taps // grouped)
    # Zeros after each item let all of them be one matrix: what a shift takes from the next item is not counted.
    rows = places + (steps - 1) * dilation
    after = rows * grouped - fine.shape[1] - padding
    fine = _padded(fine, padding, after).reshape(batch * rows, grouped * narrow)
    coarse = _padded(coarse, 0, rows - places).reshape(batch * rows, wide)
    total = len(fine)
    shifts = [
        coarse[: total - step * dilation].t() @ fine[step * dilation :] for step in range(steps)
    ]
    joined = torch.stack(shifts, 1).reshape(wide, steps * grouped, narrow)
    return joined[:, :taps].transpose(1, 2)


def _padded(features: Tensor, before: int, after: int) -> Tensor:
    """`B T K` with zeros at both ends of time, or less at the end; not copied where nothing changes."""
    return F.pad(features, (0, 0, before, after)) if before or after else features
