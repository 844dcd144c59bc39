"""The U of the U-Net: planes of features in, planes of values out."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.models.unet.blocks import ConvUnit, decoder_level, encoder_level
from auralflow.models.unet.config import UNetConfig

__all__ = ["UNet2d"]


class UNet2d(nn.Module):
    """Encoder, bottleneck and decoder on planes of bins × frames.

    ```
    planes ─▶ enc 1 ─▶ enc 2 ─▶ … ─▶ enc L ─▶ bottleneck ─▶ dec 1 ─▶ … ─▶ dec L-1 ─▶ dec L ─▶ planes
                │        │                                  ▲             ▲
                │        └──────────── skip ────────────────┼─ … ─────────┤
                └───────────────────── skip ────────────────┴─ … ─────────┘
    ```

    Decoder level k ≥ 2 takes the output of level k-1 and, beside it, the encoder output of the same resolution.
    Planes of any size are taken: they are padded with zeros to a multiple of 2^L and cut back.
    """

    def __init__(self, config: UNetConfig, *, planes_in: int, planes_out: int) -> None:
        super().__init__()
        depth = config.max_layers
        widths = [config.init_features * 2**level for level in range(depth)]
        self.step = 2**depth
        self.skips = config.skip_connections
        self.encoder = nn.ModuleList(
            encoder_level(source, width, config.encoder)
            for source, width in zip([planes_in, *widths], widths, strict=False)
        )
        kernel = config.encoder.kernel_size
        self.bottleneck = nn.Sequential(
            *(
                ConvUnit(
                    nn.Conv2d(widths[-1], widths[-1], kernel, padding=kernel // 2, bias=False),
                    widths[-1],
                    nn.LeakyReLU(config.encoder.leak),
                )
                for _ in range(config.bottleneck.layers)
            )
        )
        sources = [width * (2 if self.skips else 1) for width in reversed(widths)]
        sources[0] = widths[-1]
        self.decoder = nn.ModuleList(
            decoder_level(
                source,
                width,
                config.decoder,
                dropout=level < config.num_dropouts,
                last=level == depth - 1,
            )
            for level, (source, width) in enumerate(
                zip(sources, [*reversed(widths[:-1]), planes_out], strict=True)
            )
        )
        # Convolutions over interleaved channels run 1.5 times as fast on CPUs.
        for weights in self.parameters():
            if weights.dim() == 4:
                weights.data = weights.data.contiguous(memory_format=torch.channels_last)

    def forward(self, planes: Tensor) -> Tensor:
        """Planes `B K F N` to planes `B K' F N`."""
        bins, frames = planes.shape[-2:]
        padding = (0, -frames % self.step, 0, -bins % self.step)
        features: Tensor = F.pad(planes, padding).contiguous(memory_format=torch.channels_last)
        skips = []
        for level in self.encoder:
            features = level(features)
            skips.append(features)
        features = self.bottleneck(features)
        for number, level in enumerate(self.decoder):
            if number > 0 and self.skips:
                features = torch.cat([features, skips[-1 - number]], dim=1)
            features = level(features)
        return features[..., :bins, :frames]
