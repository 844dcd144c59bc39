"""The U of the U-Net: planes of features in, planes of values out."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.errors import ModelError
from auralflow.models.lists.design import Design
from auralflow.models.lists.levels import (
    Bottleneck,
    DecoderLevel,
    EncoderLevel,
    Planes,
    factors_of,
    has_convolution,
    joins_wide,
)
from auralflow.models.tracing import cut_to, divided_up

__all__ = ["ListUNet", "deepest"]


def deepest(size: int, factor: int) -> int:
    """How often `size` values can be divided by `factor` until one is left."""
    depth = 0
    while factor > 1 and factor ** (depth + 1) <= size:
        depth += 1
    return depth


class ListUNet(nn.Module):
    """Encoder, bottleneck and decoder on signals `B K T` or planes `B K F N`.

    ```
    planes ─▶ enc 1 ─▶ enc 2 ─▶ … ─▶ enc L ─▶ bottleneck ─▶ dec 1 ─▶ … ─▶ dec L-1 ─▶ dec L ─▶ planes
                │        │                                  ▲             ▲
                │        └──────────── skip ────────────────┼─ … ─────────┤
                └───────────────────── skip ────────────────┴─ … ─────────┘
    ```

    Where exactly a skip leaves and joins is told in `levels`. Sizes that the levels cannot divide are padded with
    zeros at their end, and cut back.
    """

    def __init__(
        self, design: Design, *, planes_in: int, planes_out: int, bins: int | None = None
    ) -> None:
        super().__init__()
        dims = 1 if bins is None else 2
        for name, entries in (("encoder", design.encoder), ("decoder", design.decoder)):
            if not has_convolution(entries):
                raise ModelError(
                    f'{name} has no convolution: add one, such as ["conv", 3], or ["transpose_conv", 2] in the decoder'
                )
        factors = factors_of(design.encoder, dims)
        _check_up(design, factors)
        self.divisors = tuple(factor**design.depth for factor in factors)
        self.skips = design.skips
        self.wide = design.skips and joins_wide(design.encoder, design.decoder, dims)
        widths = design.widths

        self.encoder = nn.ModuleList()
        planes = Planes(planes_in, None if bins is None else _padded(bins, self.divisors[0]))
        skips = []
        for width in widths:
            stage = EncoderLevel(design.encoder, planes, width, wide=self.wide)
            self.encoder.append(stage)
            planes = stage.out
            skips.append(stage.skip.features)
        self.bottleneck = Bottleneck(design.bottleneck, planes)
        planes = self.bottleneck.out
        self.decoder = nn.ModuleList()
        for level in range(design.depth):
            last = level == design.depth - 1
            skip = skips.pop()
            up = DecoderLevel(
                design.decoder_at(level),
                planes,
                widths[0] if last else widths[-2 - level],
                factors=factors,
                skip=skip if self.skips and (self.wide or level > 0) else 0,
                wide=self.wide,
                outputs=planes_out if last else None,
            )
            self.decoder.append(up)
            planes = up.out
        # Convolutions over interleaved channels run 1.5 times as fast on CPUs.
        for weights in self.parameters():
            if weights.dim() == 4:
                weights.data = weights.data.contiguous(memory_format=torch.channels_last)

    def levels(self) -> Iterator[tuple[str, nn.Module]]:
        """The levels with their names, in order."""
        for number, level in enumerate(self.encoder, start=1):
            yield f"encoder {number}", level
        if len(self.bottleneck.layers):
            yield "bottleneck", self.bottleneck
        for number, level in enumerate(self.decoder, start=1):
            yield f"decoder {number}", level

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor | None]:
        """Values of the size that came in, and the bottleneck's divergence if it has one."""
        sizes = planes.shape[2:]
        features = self._pad(planes)
        skips = []
        for level in self.encoder:
            features, skip = level(features)
            skips.append(skip)
        features, divergence = self.bottleneck(features)
        for number, level in enumerate(self.decoder):
            skip = skips.pop()
            features = level(features, skip if self.skips and (self.wide or number) else None)
        return cut_to(features, sizes), divergence

    def _pad(self, planes: Tensor) -> Tensor:
        missing: list[int] = []
        for size, divisor in zip(planes.shape[:1:-1], self.divisors[::-1], strict=True):
            missing += [0, _padded(size, divisor) - size]
        padded = F.pad(planes, missing)
        if padded.dim() == 4:
            return padded.contiguous(memory_format=torch.channels_last)
        return padded


def _padded(size: int, divisor: int) -> int:
    """The next number that can be divided."""
    return divided_up(size, divisor) * divisor


def _check_up(design: Design, factors: tuple[int, ...]) -> None:
    ups = [entry for entry in design.decoder if entry.role == "up"]
    if len(ups) > 1:
        raise ModelError(
            f"{ups[1].place} raises the resolution again, after {ups[0].layer}: leave one such layer in the list"
        )
    if max(factors) > 1 and not ups:
        raise ModelError(
            "encoder divides the resolution, and decoder has no layer that multiplies it: add "
            '["transpose_conv", 2] or ["upsample"] to the decoder'
        )
    if max(factors) == 1 and ups:
        raise ModelError(
            f"{ups[0].place} multiplies the resolution, and encoder has no layer that divides it: add "
            '["max_pool", 2], or ["conv", {"kernel_size": 3, "stride": 2}], to the encoder'
        )
