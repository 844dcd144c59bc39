"""Networks that are trivial to predict."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from auralflow.config import Config
from auralflow.models.base import Estimate, Separator
from auralflow.models.signal import Signal
from auralflow.shapes import Mixture, Stems


class Gains(Separator):
    """Each stem is the mixture times a fixed number. Remembers the shapes it was given."""

    def __init__(
        self,
        gains: dict[str, float] | None = None,
        *,
        channels: int = 2,
        sample_rate: int = 8000,
    ) -> None:
        gains = gains or {"vocals": 0.75, "drums": -0.25}
        signal = Signal(channels=channels, sample_rate=sample_rate)
        super().__init__(Config(), signal=signal, targets=tuple(gains))
        self.gains = nn.Parameter(torch.tensor(list(gains.values())))
        self.dropout = nn.Dropout(0.5)
        self.shapes: list[tuple[int, ...]] = []

    def estimate(self, mixture: Mixture) -> Estimate:
        self.shapes.append(tuple(mixture.shape))
        stems = self.dropout(mixture)[:, None] * self.gains[:, None, None]
        return Estimate(stems, lambda: stems)

    def reference(self, stems: Stems) -> Tensor:
        return stems


class Function(Separator):
    """One stem, `vocals`, that is any function of the mixture."""

    def __init__(
        self, function: Callable[[Tensor], Tensor], *, channels: int = 2, sample_rate: int = 8000
    ) -> None:
        signal = Signal(channels=channels, sample_rate=sample_rate)
        super().__init__(Config(), signal=signal, targets=("vocals",))
        self.function = function

    def estimate(self, mixture: Mixture) -> Estimate:
        stems = self.function(mixture)[:, None]
        return Estimate(stems, lambda: stems)

    def reference(self, stems: Stems) -> Tensor:
        return stems
