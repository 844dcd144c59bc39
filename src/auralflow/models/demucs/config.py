"""The keys of Demucs."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from auralflow.config import Config
from auralflow.models.options import (
    BottleneckConfig,
    FilterBankConfig,
    MaskActivation,
    NetworkConfig,
    OddSize,
)

__all__ = [
    "DemucsBottleneckConfig",
    "DemucsConfig",
    "DemucsDecoderConfig",
    "DemucsEncoderConfig",
    "ResidualConfig",
]

Size = Annotated[int, Gt(0)]


class DemucsEncoderConfig(Config):
    """How one encoder level is built."""

    block_layers: Annotated[int, Gt(0)] = 2
    """Convolutions in each encoder level: one that lowers the resolution, and gated ones after it."""
    kernel_size: tuple[Size, OddSize] = (8, 1)
    """Lengths of the kernels that lower the resolution, and of those of the gated convolutions, which are odd."""
    down: Literal["conv", "maxpool", "decimate"] = "conv"
    """How a level lowers its resolution: a convolution with stride, or one without and then the maximum of neighbours, or
    every stride-th value."""
    leak: Annotated[float, Ge(0), Le(1)] = 0.0
    """Slope of the ReLU below zero."""


class DemucsDecoderConfig(Config):
    """How one decoder level is built."""

    block_layers: Annotated[int, Gt(0)] = 2
    """Convolutions in each decoder level: gated ones, and after them one that raises the resolution."""
    kernel_size: tuple[OddSize, Size] = (3, 8)
    """Lengths of the kernels of the gated convolutions, which are odd, and of those that raise the resolution."""
    up: Literal["transposed", "upsample"] = "transposed"
    """How a level raises its resolution: a transposed convolution, or repeated values and a convolution."""
    dropout: Annotated[float, Ge(0), Le(1)] = 0.0
    """Share of values set to zero in training, in front of the convolution that raises the resolution."""


class DemucsBottleneckConfig(BottleneckConfig):
    """What stands between encoder and decoder, at the coarsest resolution."""

    type: Literal["conv", "lstm"] = "lstm"
    """Kind of the bottleneck's layers: recurrent layers that run over time in both directions, or convolutions over three
    places."""
    layers: Annotated[int, Ge(0)] = 2
    """Number of layers in the bottleneck; 0 leaves them out."""


class ResidualConfig(Config):
    """Branches inside the levels, as Demucs has them from its third version on."""

    where: Literal["none", "encoder", "decoder", "both"] = "none"
    """Which levels have branches."""
    depth: Annotated[int, Gt(0)] = 2
    """Branches in a level, one after the other; each looks twice as far as the one before."""
    compress: Annotated[float, Gt(0)] = 4.0
    """How many times fewer features than its level a branch has."""
    attention_from: Annotated[int, Ge(0)] | None = 4
    """Level, counted from 0 at the waveform, from which on branches have self-attention; null means none has."""
    lstm_from: Annotated[int, Ge(0)] | None = 4
    """Level from which on branches have a recurrent layer; null means none has."""
    scale: float = 0.0001
    """What the output of a branch is multiplied with at first."""


class DemucsConfig(NetworkConfig):
    """Demucs: strided convolutions and gates on the waveform, recurrent layers, and the same way back, with skips."""

    base_model: Literal["demucs"] = "demucs"
    """Architecture this network is built from."""
    task: Literal["mask", "direct"] = "direct"
    """What is estimated: the source itself, or a mask on the outputs of a learned filter bank."""
    domain: Literal["audio"] = "audio"
    """What the network computes on: samples."""
    max_layers: Annotated[int, Gt(0)] = 6
    """Depth: number of encoder levels, each of a lower resolution than the one before."""
    init_features: Annotated[int, Gt(0)] = 64
    """Feature maps of the first encoder level."""
    growth: Annotated[float, Ge(1)] = 2.0
    """How many times more feature maps each level has than the one before."""
    stride: Annotated[int, Gt(1)] = 4
    """How many times lower the resolution of each level is than that of the one before."""
    activation: Literal["relu", "gelu"] = "relu"
    """Function after the convolutions that change the resolution; the others end in a gate."""
    norm_starts: Annotated[int, Ge(0)] | None = None
    """Level, counted from 0 at the waveform, from which on there is a group norm; null means nowhere."""
    norm_groups: Annotated[int, Gt(0)] = 4
    """Groups of those norms; the features of their levels are shared among them."""
    bottleneck: DemucsBottleneckConfig = DemucsBottleneckConfig.defaults()
    encoder: DemucsEncoderConfig = DemucsEncoderConfig.defaults()
    decoder: DemucsDecoderConfig = DemucsDecoderConfig.defaults()
    residual: ResidualConfig = ResidualConfig.defaults()
    num_dropouts: Annotated[int, Ge(0)] = 0
    """Decoder levels with dropout, counted from the bottleneck."""
    skip_connections: bool = True
    """Add what each encoder level knows to the input of the decoder level of the same resolution."""
    mask_activation: MaskActivation = "relu"
    """Function that makes the mask, for the mask task; all are clamped to [0, 1]. softmax shares the mixture among the
    targets."""
    input_norm: bool = True
    """Standardise the input by the mean and the deviation of the mono mixture, and scale the output back; a mask's input
    by those of the filters' outputs."""
    output_norm: bool = False
    """Learn a scale and an offset for each output channel."""
    resample: bool = False
    """Compute at twice the sample rate."""
    rescale: Annotated[float, Ge(0)] = 0.1
    """Deviation that fresh weights of convolutions are drawn towards; 0 leaves them as they are."""
    filter_bank: FilterBankConfig = FilterBankConfig.defaults()

    @property
    def network(self) -> str:
        """Its one name."""
        return "Demucs"

    @classmethod
    def implied(cls, given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        """A type of bottleneck implies one layer where layers were left out before."""
        if "bottleneck.type" in given and before.get("bottleneck.layers") == 0:
            return {"bottleneck.layers": 1}
        return {}
