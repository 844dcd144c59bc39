"""The keys of the U-Nets written out as lists of layers."""

from auralflow.models.lists.design import Design
from auralflow.models.unet.config import UNetConfig

__all__ = ["design_of"]

Layers = list[list[object]]


def design_of(config: UNetConfig) -> Design:
    """The lists that a configuration stands for."""
    return Design.of(
        encoder=_encoder(config),
        decoder=_decoder(config),
        bottleneck=_bottleneck(config),
        depth=config.max_layers,
        init_features=config.init_features,
        growth=config.growth,
        num_dropouts=config.num_dropouts,
        skips=config.skip_connections,
    )


def _encoder(config: UNetConfig) -> Layers:
    """[conv → norm → leaky ReLU] × block-layers, of which the last convolution or a pooling after it halves."""
    keys = config.encoder
    rest: Layers = [["batch_norm"], ["leaky_relu", keys.leak]]
    units = [[["conv", keys.kernel_size], *rest] for _ in range(keys.block_layers)]
    if keys.down == "conv":
        units[-1] = [["conv", {"kernel_size": keys.kernel_size, "stride": 2}], *rest]
    layers = [layer for unit in units for layer in unit]
    if keys.down == "conv":
        return layers
    return [*layers, ["max_pool", 2] if keys.down == "maxpool" else ["decimate", 2]]


def _decoder(config: UNetConfig) -> Layers:
    """↑2 → norm → ReLU → dropout → [conv → norm → ReLU] × (block-layers − 1)."""
    keys = config.decoder
    conv: list[object] = ["conv", keys.kernel_size]
    unit: Layers = [["batch_norm"], ["relu"]]
    if keys.up == "transposed":
        first: Layers = [["transpose_conv", {"kernel_size": keys.kernel_size, "stride": 2}]]
    else:
        first = [["upsample", 2], conv]
    further = [layer for _ in range(keys.block_layers - 1) for layer in [conv, *unit]]
    return [*first, *unit, ["dropout", keys.dropout], *further]


def _bottleneck(config: UNetConfig) -> Layers:
    keys = config.bottleneck
    layers: Layers = []
    if keys.layers and keys.type == "lstm":
        layers = [["lstm", keys.layers]]
    elif keys.layers:
        unit: Layers = [
            ["conv", config.encoder.kernel_size],
            ["batch_norm"],
            ["leaky_relu", config.encoder.leak],
        ]
        layers = unit * keys.layers
    return [*layers, ["variational", keys.kl_weight]] if keys.variational else layers
