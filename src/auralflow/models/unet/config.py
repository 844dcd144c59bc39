"""The keys of the U-Nets."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from auralflow.config import Config
from auralflow.models.options import (
    BottleneckConfig,
    FilterBankConfig,
    Growth,
    MaskActivation,
    NetworkConfig,
    OddSize,
)

__all__ = ["DecoderConfig", "EncoderConfig", "UNetConfig"]


class EncoderConfig(Config):
    """How one encoder level is built."""

    block_layers: Annotated[int, Gt(0)] = 1
    """Convolutions in each encoder level."""
    kernel_size: OddSize = 5
    """Side of the convolution kernel: bins and frames of a spectrogram, samples of audio; odd."""
    down: Literal["conv", "maxpool", "decimate"] = "conv"
    """How a level halves its resolution: a convolution with stride 2, the maximum of two neighbours, or every second
    value."""
    leak: Annotated[float, Ge(0), Le(1)] = 0.2
    """Slope of the leaky ReLU below zero."""


class DecoderConfig(Config):
    """How one decoder level is built."""

    block_layers: Annotated[int, Gt(0)] = 1
    """Convolutions in each decoder level."""
    kernel_size: OddSize = 5
    """Side of the convolution kernel: bins and frames of a spectrogram, samples of audio; odd."""
    up: Literal["transposed", "upsample"] = "transposed"
    """How a level doubles its resolution: a transposed convolution, or repeated values and a convolution."""
    dropout: Annotated[float, Ge(0), Le(1)] = 0.5
    """Share of feature maps' values set to zero in training."""


class UNetConfig(NetworkConfig):
    """A U-Net: encoder levels that halve the resolution, decoder levels that restore it, skips between them."""

    base_model: Literal["unet"] = "unet"
    """Architecture this network is built from."""
    task: Literal["mask", "direct"] = "mask"
    """What is estimated: a soft mask in [0, 1] on the mixture, or the source itself. In the audio domain the default is
    direct, and a mask acts on a learned filter bank."""
    domain: Literal["spectrogram", "audio"] = "spectrogram"
    """What the network computes on: magnitudes over bins and frames, or samples."""
    max_layers: Annotated[int, Gt(0)] = 6
    """Depth: number of encoder levels, each of half the resolution of the one before."""
    init_features: Annotated[int, Gt(0)] = 16
    """Feature maps of the first encoder level."""
    growth: Growth = "double"
    """How feature maps grow from level to level: to twice as many, or by init-features."""
    bottleneck: BottleneckConfig = BottleneckConfig.defaults()
    encoder: EncoderConfig = EncoderConfig.defaults()
    decoder: DecoderConfig = DecoderConfig.defaults()
    num_dropouts: Annotated[int, Ge(0)] = 3
    """Decoder levels with dropout, counted from the bottleneck."""
    skip_connections: bool = True
    """Hand what each encoder level knows to the decoder level of the same resolution."""
    mask_activation: MaskActivation = "sigmoid"
    """Function that makes the mask; all are clamped to [0, 1]. softmax shares the mixture among the targets."""
    input_norm: bool = True
    """Standardise the input: the log magnitudes of each frequency bin, or the samples of each example; false feeds
    magnitudes or samples as they are."""
    output_norm: bool = False
    """Learn a scale and an offset for each frequency bin, or for each channel of audio, on the network's output."""
    filter_bank: FilterBankConfig = FilterBankConfig.defaults()

    @property
    def network(self) -> str:
        """One of the six names of U-Nets."""
        kind = ""
        if self.bottleneck.variational:
            kind = "VAE"
        elif self.bottleneck.type == "lstm" and self.bottleneck.layers:
            kind = "Recurrent"
        return f"UNet{kind}{'Audio' if self.domain == 'audio' else 'Spec'}"

    @classmethod
    def implied(cls, given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        """The audio domain implies the direct task, a type of bottleneck one layer of it."""
        implied: dict[str, Any] = {}
        if "domain" in given and "task" not in before:
            implied["task"] = "direct" if given["domain"] == "audio" else "mask"
        if "bottleneck.type" in given and not before.get("bottleneck.layers"):
            implied["bottleneck.layers"] = 1
        return implied
