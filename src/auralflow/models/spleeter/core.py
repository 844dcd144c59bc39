"""The U-Net of one target: magnitudes in, a mask in [0, 1] out."""

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.models.spleeter.config import SpleeterConfig

__all__ = ["SpleeterCore"]

_KERNEL = 5
_EPS = 1e-3
_MOMENTUM = 0.01


class SpleeterCore(nn.Module):
    """Planes `B C N F`, whose frames and bins the levels can halve, to a mask of the same shape.

    ```
    magnitudes ─▶ enc 1 ─▶ enc 2 ─▶ … ─▶ enc L ─▶ dec 1 ─▶ dec 2 ─▶ … ─▶ dec L ─▶ mask
                    │        └─────────────────────────────▲               ▲
                    └──────────────────────────────────────────────────────┘
    ```
    A skip is what the convolution of a level gave, in front of norm and activation.
    """

    def __init__(self, config: SpleeterConfig, channels: int) -> None:
        super().__init__()
        features = [config.init_features * 2**level for level in range(config.max_layers)]
        widths = [channels, *features]
        self.encoder = nn.ModuleList(
            _Down(wide, narrow, config, is_last=level == config.max_layers)
            for level, (wide, narrow) in enumerate(pairwise(widths), start=1)
        )
        outputs = [*reversed(features[:-1]), 1]
        self.decoder = nn.ModuleList(
            _Up(
                features[-1] if level == 0 else 2 * outputs[level - 1],
                width,
                config,
                drops=level < config.num_dropouts,
            )
            for level, width in enumerate(outputs)
        )
        self.mask = nn.Conv2d(1, channels, kernel_size=4, dilation=2, padding=3)

    def forward(self, magnitudes: Tensor) -> Tensor:
        """The mask of magnitudes."""
        planes, skips = magnitudes, []
        for down in self.encoder:
            convolved, planes = down(planes)
            skips.append(convolved)
        planes = self.decoder[0](skips.pop())
        for up in self.decoder[1:]:
            planes = up(torch.cat([skips.pop(), planes], dim=1))
        return torch.sigmoid(self.mask(planes))

    def levels(self) -> Iterator[tuple[str, nn.Module]]:
        """The parts that do the work."""
        for name, levels in (("encoder", self.encoder), ("decoder", self.decoder)):
            for number, level in enumerate(levels, start=1):
                yield f"{name} {number}", level
        yield "mask", self.mask


class _Down(nn.Module):
    """Half the resolution: what the convolution gives, and that behind norm and activation."""

    def __init__(self, wide: int, narrow: int, config: SpleeterConfig, *, is_last: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(wide, narrow, _KERNEL, stride=2)
        self.norm: nn.Module = (
            nn.Identity() if is_last else nn.BatchNorm2d(narrow, eps=_EPS, momentum=_MOMENTUM)
        )
        self.activation: nn.Module = (
            nn.LeakyReLU(config.leak) if config.activation == "leaky" else nn.ELU()
        )

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        # TensorFlow's way to keep half of an even size: one more zero at the end than at the start.
        convolved = self.conv(F.pad(planes, (1, 2, 1, 2)))
        return convolved, self.activation(self.norm(convolved))


class _Up(nn.Module):
    """Twice the resolution."""

    def __init__(self, wide: int, narrow: int, config: SpleeterConfig, *, drops: bool) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(wide, narrow, _KERNEL, stride=2)
        self.activation: nn.Module = nn.ReLU() if config.activation == "leaky" else nn.ELU()
        self.norm = nn.BatchNorm2d(narrow, eps=_EPS, momentum=_MOMENTUM)
        self.dropout: nn.Module = nn.Dropout(config.dropout) if drops else nn.Identity()

    def forward(self, planes: Tensor) -> Tensor:
        raised = self.conv(planes)[..., 1:-2, 1:-2]
        normed: Tensor = self.dropout(self.norm(self.activation(raised)))
        return normed
