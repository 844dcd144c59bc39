"""A recurrent layer that gives back the width that came in, over windows where the signal is long; a learned scale."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.models.layers.lstm import lay_side_by_side, run_lstm
from auralflow.models.tracing import divided_up

__all__ = ["BLSTM", "LayerScale"]


class BLSTM(nn.Module):
    """LSTM over time in both directions and a linear layer back: features `B K T` in and out.

    With a `window`, signals longer than that are cut into windows that overlap by half; each is computed on its own,
    and of each the middle half is kept:

        window 0   ├───────·───────┤
        window 1           ├───────·───────┤
        window 2                   ├───────·───────┤
        kept       ├──── 0 ────┤── 1 ──┤──── 2 ────┤

    Compatible with demucs.demucs.BLSTM of demucs 4.1.0 (MIT licence), names of weights included.
    """

    def __init__(
        self, features: int, *, layers: int, window: int | None = None, skip: bool = False
    ) -> None:
        super().__init__()
        self.lstm = nn.LSTM(features, features, layers, bidirectional=True)
        lay_side_by_side(self.lstm)
        self.linear = nn.Linear(2 * features, features)
        self.window = window
        self.skip = skip

    # torch does not compile its LSTM, and around it the compiled windows of torch 2.13 crash the process.
    @torch.compiler.disable
    def forward(self, features: Tensor) -> Tensor:
        """Features of the same shape."""
        samples = features.shape[-1]
        if self.window is not None and samples > self.window:
            answer = self._in_windows(features, self.window)[..., :samples]
        else:
            answer = self._whole(features.permute(2, 0, 1)).permute(1, 2, 0)
        return features + answer if self.skip else answer

    def _whole(self, steps: Tensor) -> Tensor:
        """Answers `T B K` to features `T B K`."""
        answer: Tensor = self.linear(run_lstm(self.lstm, steps))
        return answer

    def _in_windows(self, features: Tensor, window: int) -> Tensor:
        batch, width, samples = features.shape
        hop = window // 2
        count = divided_up(samples, hop)
        padded = F.pad(features, (0, (count - 1) * hop + window - samples))
        windows = padded.unfold(-1, window, hop)
        steps = windows.permute(3, 0, 2, 1).reshape(window, batch * count, width)
        answers = self._whole(steps).reshape(window, batch, count, width)
        edge = hop // 2
        middle = answers[edge : window - edge].permute(1, 3, 2, 0).flatten(2)
        first = answers[:edge, :, 0].permute(1, 2, 0)
        last = answers[window - edge :, :, -1].permute(1, 2, 0)
        return torch.cat([first, middle, last], dim=-1)


class LayerScale(nn.Module):
    """A learned factor for each feature, small at first.

    Source: Touvron et al., "Going deeper with Image Transformers", ICCV 2021.
    """

    def __init__(self, features: int, start: float, *, features_last: bool = False) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((features,), start))
        self.features_last = features_last

    def factor(self) -> Tensor:
        """The factors, so that they fit the features."""
        return self.scale if self.features_last else self.scale[:, None]

    def forward(self, features: Tensor) -> Tensor:
        """Scaled features `B K T`, or `… K`."""
        return features * self.factor()
