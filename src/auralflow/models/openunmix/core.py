"""What Open-Unmix has for each target: magnitudes of the mixture to features of a mask."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from auralflow.models.layers.variational import Variational
from auralflow.models.openunmix.config import OpenUnmixConfig
from auralflow.models.tracing import run_cells

__all__ = ["Answer", "TargetNetwork"]

_REACH = 3
"""Frames that a convolution of the bottleneck sees."""


class Answer(NamedTuple):
    """What a target's network says."""

    features: Tensor
    """`N B C F`, of which an activation makes masks or magnitudes."""
    divergence: Tensor | None
    """That of a variational bottleneck, weighted."""


class TargetNetwork(nn.Module):
    """Dense layers on each frame and layers over time between them. Its parts have the names of `openunmix.model`.

        magnitudes ─▶ scale ─▶ fc1 ─▶ tanh ─┬─▶ lstm ─┬─▶ fc2 ─▶ relu ─▶ fc3 ─▶ scale ─▶ features
                                            └─────────┘

    Each dense layer is followed by a batch norm. Time comes first throughout, as the recurrent layers want it.
    """

    def __init__(
        self, config: OpenUnmixConfig, *, channels: int, bins: int, bins_heard: int
    ) -> None:
        super().__init__()
        hidden = config.init_features
        layers = config.bottleneck.layers
        self.skips = config.skip_connections and layers > 0
        self.channels = channels
        self.bins = bins
        self.bins_heard = bins_heard

        self.input_mean = nn.Parameter(torch.zeros(bins_heard)) if config.input_norm else None
        self.input_scale = nn.Parameter(torch.ones(bins_heard)) if config.input_norm else None
        self.fc1 = _ScaledLinear(bins_heard * channels, hidden, bias=False)
        self.bn1 = nn.BatchNorm1d(hidden)
        self.lstm: nn.LSTM | None = None
        self.conv: nn.Sequential | None = None
        if layers and config.bottleneck.type == "lstm":
            self.lstm = nn.LSTM(
                hidden,
                hidden if config.unidirectional else hidden // 2,
                layers,
                bidirectional=not config.unidirectional,
                dropout=config.dropout if layers > 1 else 0.0,
            )
        elif layers:
            self.conv = _convolutions(layers, hidden, causal=config.unidirectional)
        self.variational = (
            Variational(hidden, weight=config.bottleneck.kl_weight)
            if config.bottleneck.variational
            else None
        )
        self.fc2 = nn.Linear(2 * hidden if self.skips else hidden, hidden, bias=False)
        self.bn2 = nn.BatchNorm1d(hidden)
        self.fc3 = nn.Linear(hidden, bins * channels, bias=False)
        self.bn3 = nn.BatchNorm1d(bins * channels)
        self.output_scale = nn.Parameter(torch.ones(bins)) if config.output_norm else None
        self.output_mean = nn.Parameter(torch.ones(bins)) if config.output_norm else None

    def forward(self, magnitudes: Tensor) -> Answer:
        """Features of magnitudes `N B C F`."""
        frames, batch = magnitudes.shape[:2]
        heard = magnitudes[..., : self.bins_heard].reshape(frames * batch, -1)
        encoded = self.bn1(self.fc1(heard, self.input_mean, self.input_scale))
        encoded = torch.tanh(encoded).reshape(frames, batch, -1)

        context, divergence = self._over_time(encoded)
        if self.skips:
            context = torch.cat([encoded, context], dim=-1)

        decoded = F.relu(self.bn2(self.fc2(context.flatten(0, 1))))
        features = self._normed_output(self.fc3(decoded).float())
        return Answer(features.reshape(frames, batch, self.channels, self.bins), divergence)

    def _over_time(self, encoded: Tensor) -> tuple[Tensor, Tensor | None]:
        context = encoded
        if self.lstm is not None:
            context = run_cells(self.lstm, encoded)
        elif self.conv is not None:
            context = self.conv(encoded.permute(1, 2, 0)).permute(2, 0, 1)
        if self.variational is None:
            return context, None
        latent, divergence = self.variational(context.movedim(-1, 1))
        return latent.movedim(1, -1), divergence

    def _normed_output(self, features: Tensor) -> Tensor:
        """Batch norm, output scale and output mean in one pass over what is the network's widest layer."""
        folded: dict[str, Tensor] = {}
        if self.output_scale is not None and self.output_mean is not None:
            scale = self.output_scale.repeat(self.channels)
            offset = self.output_mean.repeat(self.channels)
            folded["weight"] = self.bn3.weight * scale
            folded["bias"] = torch.addcmul(offset, self.bn3.bias, scale)
        normed: Tensor = functional_call(self.bn3, folded, (features,))
        return normed


class _ScaledLinear(nn.Linear):
    """A dense layer on the concatenated bins of all channels, with an offset and then a scale for each bin before it.

    Both go into its weights: there are fewer of these than of inputs, and no gradient of the inputs need be computed.
    """

    def forward(
        self, magnitudes: Tensor, offset: Tensor | None = None, scale: Tensor | None = None
    ) -> Tensor:
        """Features of magnitudes, bins of one channel after those of another."""
        if offset is None or scale is None:
            return super().forward(magnitudes)
        repeats = self.in_features // scale.numel()
        weight = self.weight * scale.repeat(repeats)
        return F.linear(magnitudes, weight, weight @ offset.repeat(repeats))


def _convolutions(layers: int, features: int, *, causal: bool) -> nn.Sequential:
    """Layers that see neighbouring frames of `B K N`, or frames before where they must be causal."""
    around = (_REACH - 1, 0) if causal else (_REACH // 2, _REACH // 2)
    return nn.Sequential(
        *(
            nn.Sequential(
                nn.ConstantPad1d(around, 0.0),
                nn.Conv1d(features, features, _REACH, bias=False),
                nn.BatchNorm1d(features),
                nn.ReLU(),
            )
            for _ in range(layers)
        )
    )
