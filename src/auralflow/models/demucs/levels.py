"""The levels of Demucs: how one lowers the resolution, and how one raises it again.

    encoder   conv ÷stride → norm → act → branch → [conv → norm → gate] × (block-layers − 1)
    decoder   [conv → norm → gate] × (block-layers − 1) → branch → dropout → conv ×stride → norm → act

Layers that the source has are named by their place there, others by a word, so that names of weights do not depend on
the latter.
"""

from collections import OrderedDict

from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.errors import ModelError
from auralflow.models.demucs.config import DemucsConfig, ResidualConfig
from auralflow.models.layers.gated import gated
from auralflow.models.layers.in_place import activated
from auralflow.models.layers.residual import ResidualBranch
from auralflow.models.layers.rows import Gate, RowConv1d, RowConvTranspose1d, RowGroupNorm

__all__ = ["Decimate", "Level", "Upsample", "decoder_level", "encoder_level"]


class Level(nn.Sequential):
    """Layers one after the other; a convolution and its gate are one step (`auralflow.models.layers.gated`)."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  (torch's name)
        """Features of the next level."""
        features = input
        layers = list(self)
        while layers:
            if len(layers) > 2 and isinstance(layers[2], Gate):
                conv, norm, gate, *layers = layers
                features = gated(conv, norm, gate, features)
            else:
                layer, *layers = layers
                features = activated(layer, features)
        return features


class _Stack:
    """Layers in their order, numbered unless they have a name."""

    def __init__(self) -> None:
        self.layers: OrderedDict[str, nn.Module] = OrderedDict()
        self.number = 0

    def add(self, *layers: nn.Module) -> None:
        for layer in layers:
            self.layers[str(self.number)] = layer
            self.number += 1

    def add_named(self, name: str, layer: nn.Module) -> None:
        self.layers[name] = layer

    def build(self) -> Level:
        return Level(self.layers)


def encoder_level(config: DemucsConfig, index: int, planes: int, features: int) -> Level:
    """Features `B planes T` to `B features T/stride`; `index` counts from 0 at the waveform."""
    keys = config.encoder
    wide, narrow = keys.kernel_size
    strided = keys.down == "conv"
    stack = _Stack()
    stack.add(
        RowConv1d(planes, features, wide, config.stride if strided else 1),
        _norm(config, index, features),
        _activation(config, keys.leak),
    )
    if not strided:
        pooled = keys.down == "maxpool"
        # The last neighbours may be fewer, so that levels have the same lengths as with a strided convolution.
        pool = nn.MaxPool1d(config.stride, ceil_mode=True) if pooled else Decimate(config.stride)
        stack.add_named("pool", pool)
    if config.residual.where in ("encoder", "both"):
        stack.add(_branch(config.residual, index, features))
    for _ in range(keys.block_layers - 1):
        stack.add(*_gated(config, index, features, narrow))
    return stack.build()


def decoder_level(
    config: DemucsConfig, index: int, features: int, planes: int, *, dropout: bool
) -> Level:
    """Features `B features T` to `B planes T·stride`; `index` is that of the encoder level of this resolution."""
    keys = config.decoder
    narrow, wide = keys.kernel_size
    stack = _Stack()
    for _ in range(keys.block_layers - 1):
        stack.add(*_gated(config, index, features, narrow))
    if config.residual.where in ("decoder", "both"):
        stack.add(_branch(config.residual, index, features))
    if dropout:
        stack.add_named("dropout", nn.Dropout(keys.dropout))
    if keys.up == "transposed":
        stack.add(RowConvTranspose1d(features, planes, wide, config.stride))
    else:
        stack.add_named("upsample", Upsample(wide, config.stride))
        stack.add(RowConv1d(features, planes, wide))
    if index > 0:
        stack.add(_norm(config, index, planes), _activation(config, 0.0))
    return stack.build()


class Decimate(nn.Module):
    """Every `stride`-th value along time, the first included."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, features: Tensor) -> Tensor:
        """Features `B K T` to `B K ⌈T/stride⌉`."""
        return features[..., :: self.stride]


class Upsample(nn.Module):
    """Every value `stride` times, and zeros at both ends, so that a convolution gives as much as a transposed one."""

    def __init__(self, kernel_size: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.padding = 2 * kernel_size - stride - 1

    def forward(self, features: Tensor) -> Tensor:
        """Features `B K T` to what a convolution makes `(T - 1)·stride + kernel-size` samples of."""
        repeated = F.interpolate(features, scale_factor=float(self.stride), mode="nearest")
        before = self.padding // 2
        return F.pad(repeated, (before, self.padding - before))


def _gated(config: DemucsConfig, index: int, features: int, size: int) -> list[nn.Module]:
    return [
        RowConv1d(features, 2 * features, size, padding=size // 2),
        _norm(config, index, 2 * features),
        Gate(),
    ]


def _norm(config: DemucsConfig, index: int, features: int) -> nn.Module:
    if config.norm_starts is None or index < config.norm_starts:
        return nn.Identity()
    if features % config.norm_groups:
        raise ModelError(
            f"norm-groups is {config.norm_groups}, which does not divide the {features} features of level {index}: "
            "choose another number, or init-features and growth whose products it divides"
        )
    return RowGroupNorm(config.norm_groups, features)


def _activation(config: DemucsConfig, leak: float) -> nn.Module:
    if config.activation == "relu":
        return nn.LeakyReLU(leak) if leak else nn.ReLU()
    if leak:
        raise ModelError(
            f"encoder.leak is {leak:g} and activation gelu, which has no slope to set: "
            "set encoder.leak to 0, or activation to relu"
        )
    return nn.GELU()


def _branch(keys: ResidualConfig, index: int, features: int) -> ResidualBranch:
    return ResidualBranch(
        features,
        compress=keys.compress,
        depth=keys.depth,
        scale=keys.scale,
        attention=keys.attention_from is not None and index >= keys.attention_from,
        lstm=keys.lstm_from is not None and index >= keys.lstm_from,
    )
