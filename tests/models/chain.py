"""Networks of a few layers, to see what single layers do."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.config import Config
from auralflow.models import Separator, Signal
from auralflow.models.base import Estimate

__all__ = ["ByHand", "Chain", "Folded", "OverTime", "Parallel"]


class Chain(Separator):
    """Layers one after the other on samples `B C T`, each a level."""

    def __init__(self, *layers: nn.Module, channels: int = 1, samples: int = 100) -> None:
        # A chunk of so many samples at 1000 Hz.
        signal = Signal(1000, channels, 8, 8, 4, samples / 1000)
        super().__init__(Config(), signal=signal, targets=("vocals",))
        self.layers = nn.ModuleList(layers)

    def estimate(self, mixture: Tensor) -> Estimate:
        features = mixture
        for layer in self.layers:
            features = layer(features)
        values = features[:, None]
        return Estimate(values, lambda: values)

    def reference(self, stems: Tensor) -> Tensor:
        return stems

    def levels(self) -> Iterator[tuple[str, nn.Module]]:
        for number, layer in enumerate(self.layers, start=1):
            yield f"layer {number}", layer


class OverTime(nn.Module):
    """A module of `B T K` on `B K T`; of a tuple the first is taken."""

    def __init__(self, module: nn.Module, *, times: int = 1) -> None:
        super().__init__()
        self.module = module
        self.times = times

    def forward(self, features: Tensor) -> Tensor:
        answer = self.module(*[features.mT] * self.times)
        answer = answer if isinstance(answer, Tensor) else answer[0]
        return answer.mT


class Parallel(nn.Module):
    """The sum of layers side by side."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, features: Tensor) -> Tensor:
        return sum((layer(features) for layer in self.layers), start=torch.zeros(()))


class ByHand(nn.Module):
    """Uses the weights of a convolution that it never calls."""

    def __init__(self, layer: nn.Conv1d) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, features: Tensor) -> Tensor:
        return F.conv1d(features, self.layer.weight, self.layer.bias, padding="same")


class Folded(nn.Module):
    """A module on pieces of 5 samples, which become items of the batch."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, features: Tensor) -> Tensor:
        batch, width, samples = features.shape
        pieces = features.reshape(batch, width, -1, 5).transpose(1, 2).flatten(0, 1)
        answer: Tensor = self.module(pieces)
        return answer.reshape(batch, -1, width, 5).transpose(1, 2).reshape(batch, width, samples)
