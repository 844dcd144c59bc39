"""The keys of the U-Nets."""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator

from auralflow.config import Config

__all__ = ["BottleneckConfig", "DecoderConfig", "EncoderConfig", "MaskActivation", "UNetConfig"]

MaskActivation = Literal["sigmoid", "relu", "tanh", "hardtanh", "softmax"]


def _odd(size: int) -> int:
    if size % 2 == 0:
        raise ValueError("must be odd, so that the kernel has a centre")
    return size


KernelSize = Annotated[int, Gt(0), AfterValidator(_odd)]


class BottleneckConfig(Config):
    """What stands between encoder and decoder, at the coarsest resolution."""

    type: Literal["conv"] = "conv"
    """Kind of the bottleneck's layers."""
    layers: Annotated[int, Ge(0)] = 0
    """Number of layers in the bottleneck; 0 leaves it out."""


class EncoderConfig(Config):
    """How one encoder level is built."""

    block_layers: Annotated[int, Gt(0)] = 1
    """Convolutions in each encoder level."""
    kernel_size: KernelSize = 5
    """Side of the square convolution kernel, in bins and frames; odd."""
    down: Literal["conv", "maxpool", "decimate"] = "conv"
    """How a level halves its resolution: a convolution with stride 2, the maximum of 2 × 2, or every second value."""
    leak: Annotated[float, Ge(0), Le(1)] = 0.2
    """Slope of the leaky ReLU below zero."""


class DecoderConfig(Config):
    """How one decoder level is built."""

    block_layers: Annotated[int, Gt(0)] = 1
    """Convolutions in each decoder level."""
    kernel_size: KernelSize = 5
    """Side of the square convolution kernel, in bins and frames; odd."""
    up: Literal["transposed", "upsample"] = "transposed"
    """How a level doubles its resolution: a transposed convolution, or repeated values and a convolution."""
    dropout: Annotated[float, Ge(0), Le(1)] = 0.5
    """Share of feature maps' values set to zero in training."""


class UNetConfig(Config):
    """A U-Net: encoder levels that halve the resolution, decoder levels that restore it, skips between them."""

    base_model: Literal["unet"] = "unet"
    """Architecture this network is built from."""
    task: Literal["mask", "direct"] = "mask"
    """What is estimated: a soft mask in [0, 1] on the mixture's spectrogram, or the source's spectrogram itself."""
    domain: Literal["spectrogram"] = "spectrogram"
    """What the network computes on."""
    max_layers: Annotated[int, Gt(0)] = 6
    """Depth: number of encoder levels, each of half the resolution of the one before."""
    init_features: Annotated[int, Gt(0)] = 16
    """Feature maps of the first encoder level; every further level has twice as many."""
    bottleneck: BottleneckConfig = BottleneckConfig.defaults()
    encoder: EncoderConfig = EncoderConfig.defaults()
    decoder: DecoderConfig = DecoderConfig.defaults()
    num_dropouts: Annotated[int, Ge(0)] = 3
    """Decoder levels with dropout, counted from the bottleneck."""
    skip_connections: bool = True
    """Hand each encoder level's output to the decoder level of the same resolution."""
    mask_activation: MaskActivation = "sigmoid"
    """Function that makes the mask; all are clamped to [0, 1]. softmax shares the mixture among the targets."""
    input_norm: bool = True
    """Standardise the log magnitudes of each frequency bin before the network; false feeds plain magnitudes."""
    output_norm: bool = False
    """Learn a scale and an offset for each frequency bin before the mask's activation."""
