"""The levels of a two-dimensional U-Net."""

from torch import Tensor, nn

from auralflow.models.unet.config import DecoderConfig, EncoderConfig

__all__ = ["ConvUnit", "Decimate", "decoder_level", "encoder_level"]


class Decimate(nn.Module):
    """Keeps every second bin and frame."""

    def forward(self, features: Tensor) -> Tensor:
        """Features `B K F N` to `B K ⌈F/2⌉ ⌈N/2⌉`."""
        return features[..., ::2, ::2]


class ConvUnit(nn.Sequential):
    """Convolution, batch norm, activation. The norm has an offset, so the convolution has none."""

    def __init__(self, conv: nn.Module, features: int, activation: nn.Module) -> None:
        super().__init__(conv, nn.BatchNorm2d(features), activation)


def _same(features_in: int, features: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(features_in, features, kernel, stride=stride, padding=kernel // 2, bias=False)


def encoder_level(features_in: int, features: int, config: EncoderConfig) -> nn.Sequential:
    """Convolutions, the last of which, or a pooling after it, halves bins and frames.

    conv:               [conv → norm → leaky ReLU] × (block-layers − 1) → conv/2 → norm → leaky ReLU
    maxpool, decimate:  [conv → norm → leaky ReLU] × block-layers → ↓2
    """

    def unit(source: int, stride: int = 1) -> ConvUnit:
        conv = _same(source, features, config.kernel_size, stride)
        return ConvUnit(conv, features, nn.LeakyReLU(config.leak))

    sources = [features_in] + [features] * (config.block_layers - 1)
    if config.down == "conv":
        return nn.Sequential(
            *(unit(source) for source in sources[:-1]), unit(sources[-1], stride=2)
        )
    pool = nn.MaxPool2d(2) if config.down == "maxpool" else Decimate()
    return nn.Sequential(*(unit(source) for source in sources), pool)


def _doubling(features_in: int, features: int, config: DecoderConfig, *, bias: bool) -> nn.Module:
    kernel = config.kernel_size
    if config.up == "transposed":
        # A kernel of 1 reaches one of the two new values only; output_padding must stay below the stride.
        return nn.ConvTranspose2d(
            features_in,
            features,
            kernel,
            stride=2,
            padding=kernel // 2,
            output_padding=1,
            bias=bias,
        )
    return nn.Sequential(
        nn.Upsample(scale_factor=2),
        nn.Conv2d(features_in, features, kernel, padding=kernel // 2, bias=bias),
    )


def decoder_level(
    features_in: int, features: int, config: DecoderConfig, *, dropout: bool, last: bool
) -> nn.Sequential:
    """Doubles bins and frames, then further convolutions; the last level ends in plain values for the mask.

    ↑2 conv → norm → ReLU → [conv → norm → ReLU] × (block-layers − 1) → dropout
    """
    if last and config.block_layers == 1:
        return nn.Sequential(_doubling(features_in, features, config, bias=True))
    inner = features_in // 2 if last else features
    layers: list[nn.Module] = [
        ConvUnit(_doubling(features_in, inner, config, bias=False), inner, nn.ReLU())
    ]
    plain = config.block_layers - 1 - int(last)
    layers += [
        ConvUnit(_same(inner, inner, config.kernel_size), inner, nn.ReLU()) for _ in range(plain)
    ]
    if dropout:
        layers.append(nn.Dropout(config.dropout))
    if last:
        kernel = config.kernel_size
        layers.append(nn.Conv2d(inner, features, kernel, padding=kernel // 2))
    return nn.Sequential(*layers)
