"""Convolutions, and the layers that change the resolution."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.errors import ModelError
from auralflow.models.lists.entries import Entry
from auralflow.models.lists.layers import pair

__all__ = ["SingleTransposed", "convolution", "down_factors", "up_layer"]

Sizes = tuple[int, ...]


def convolution(entry: Entry, source: int, features: int, dims: int, *, bias: bool) -> nn.Module:
    """A convolution that keeps the resolution but for its stride: it pads by half its reach with zeros."""
    kernel, stride, dilation = (
        pair(entry.values[name], dims, entry) for name in ("kernel_size", "stride", "dilation")
    )
    padding = tuple(d * (k // 2) for k, d in zip(kernel, dilation, strict=True))
    if dims == 1:
        return nn.Conv1d(source, features, kernel[0], stride[0], padding[0], dilation[0], bias=bias)
    return nn.Conv2d(
        source, features, _two(kernel), _two(stride), _two(padding), _two(dilation), bias=bias
    )


class SingleTransposed(nn.ConvTranspose2d):
    """A transposed convolution whose kernel is one value: one in a block is not zero, and the offset is everywhere.

    Torch 2.13 writes beyond its memory in the backward pass of such kernels with output padding and interleaved
    channels; so the end of the last block is added afterwards.
    """

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:  # noqa: A002, ARG002  (torch's signature)
        """Features of `stride` times the resolution."""
        bins, frames = self.stride
        blocks = F.conv_transpose2d(input, self.weight, None, self.stride)
        whole = F.pad(blocks, (0, frames - 1, 0, bins - 1))
        return whole if self.bias is None else whole + self.bias[:, None, None]


def down_factors(entry: Entry, dims: int) -> Sizes:
    """By how much an encoder's layer divides the resolution; ones if it does not."""
    if entry.role == "down":
        return pair(entry.values["factor"], dims, entry)
    if entry.role == "conv":
        return pair(entry.values["stride"], dims, entry)
    return (1,) * dims


def up_layer(
    entry: Entry, source: int, features: int, factors: Sizes, *, bias: bool
) -> tuple[nn.Module, int]:
    """The layer that multiplies the resolution by `factors`, and the features that come out of it.

    A transposed convolution pads such that n values give exactly factor · n. Repeating values changes no features.
    An even kernel cannot be centred where the factor is 1: there one zero is added to the end of what comes in.
    """
    dims = len(factors)
    name = "stride" if entry.layer == "transpose_conv" else "factor"
    given = entry.values[name]
    if given is not None and pair(given, dims, entry) != factors:
        raise ModelError(
            f"{entry.place} multiplies the resolution by {_text(pair(given, dims, entry))}, but the encoder's levels "
            f"divide it by {_text(factors)}: make them equal, or leave {name} out"
        )
    if entry.layer == "upsample":
        mode = entry.values["mode"]
        if mode == "linear":
            linear = "linear" if dims == 1 else "bilinear"
            return nn.Upsample(scale_factor=_floats(factors), mode=linear), source
        return nn.Upsample(scale_factor=_floats(factors)), source
    kernel = entry.values["kernel_size"]
    sizes = factors if kernel is None else pair(kernel, dims, entry)
    padding, extra, added = [], [], []
    for size, factor in zip(sizes, factors, strict=True):
        # n · factor = (n + added - 1) · factor - 2 · padding + size + extra; extra must stay below the factor.
        odd = (size - factor) % 2
        padding.append(max(0, (size - factor + odd) // 2))
        added.append(odd if factor == 1 else 0)
        extra.append(max(odd, factor - size) - added[-1])
    if dims == 1:
        layers: list[nn.Module] = [
            nn.ConstantPad1d((0, added[0]), 0.0),
            nn.ConvTranspose1d(
                source, features, sizes[0], factors[0], padding[0], extra[0], bias=bias
            ),
        ]
    else:
        layers = [
            nn.ZeroPad2d((0, added[1], 0, added[0])),
            (SingleTransposed if max(sizes) == 1 else nn.ConvTranspose2d)(
                source, features, _two(sizes), _two(factors), _two(padding), _two(extra), bias=bias
            ),
        ]
    return nn.Sequential(*layers) if max(added) else layers[1], features


def _two(sizes: Sequence[int]) -> tuple[int, int]:
    bins, frames = sizes
    return bins, frames


def _floats(factors: Sizes) -> tuple[float, ...]:
    return tuple(float(factor) for factor in factors)


def _text(factors: Sizes) -> str:
    return " × ".join(str(factor) for factor in factors)
