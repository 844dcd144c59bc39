"""A transformer over two branches, which look at themselves and at one another in turn.

Source: Rouard, Massa, Défossez, "Hybrid Transformers for Music Source Separation", ICASSP 2023, figure 1. Names of weights
and answers are those of `demucs.transformer` of demucs 4.1.0 (MIT licence).
"""

import torch
from torch import Tensor, nn

from auralflow.errors import ModelError
from auralflow.models.hdemucs.convolution import features_last
from auralflow.models.htdemucs.attention import AttentionLayer, GlobalNorm
from auralflow.models.htdemucs.config import TransformerConfig
from auralflow.models.htdemucs.positions import (
    LearnedPositions,
    MovedSinusoids,
    Sinusoids,
    plane_of_sinusoids,
)

__all__ = ["CrossTransformer"]


class CrossTransformer(nn.Module):
    """Features of a spectrogram `B K F N` and of a waveform `B K 1 T`, the same number for both, in and out.

    spectrogram ─▶ norm ─▶ + places ─▶ self ─┬─▶ cross ─▶ self ─▶ …
                                             ╳
    waveform    ─▶ norm ─▶ + places ─▶ self ─┴─▶ cross ─▶ self ─▶ …
    """

    def __init__(self, features: int, config: TransformerConfig) -> None:
        super().__init__()
        if features % config.heads or features % 4 or features < 8:
            raise ModelError(
                f"the transformer has {features} features, and transformer.heads is {config.heads}: it needs a multiple "
                "of the heads and of 4, and 8 at least; choose bottom-channels, or init-features, growth and heads"
            )
        self.config = config
        self.norm_in, self.norm_in_t = (_norm_in(features, config) for _ in range(2))
        self.position_embeddings = _positions(features, config)
        self.layers, self.layers_t = (
            nn.ModuleList(
                AttentionLayer(features, config, across=self._across(index))
                for index in range(config.layers)
            )
            for _ in range(2)
        )

    def forward(self, spectral: Tensor, temporal: Tensor) -> tuple[Tensor, Tensor]:
        """Features of both branches, each with what it has seen."""
        bins, frames = spectral.shape[2:]
        first = self._placed_spectral(spectral)
        second = self._placed_temporal(temporal)
        for index, layers in enumerate(zip(self.layers, self.layers_t, strict=True)):
            layer, layer_t = layers
            if self._across(index):
                first, second = layer(first, second), layer_t(second, first)
            else:
                first, second = layer(first), layer_t(second)
        seen = first.unflatten(1, (frames, bins)).permute(0, 3, 2, 1)
        return features_last(seen), second.mT.unsqueeze(2)

    def _across(self, index: int) -> bool:
        return index % 2 == (0 if self.config.cross_first else 1)

    def _placed_spectral(self, spectral: Tensor) -> Tensor:
        """A frame's bins, then the next frame's: `B N·F K`."""
        _, features, bins, frames = spectral.shape
        places = plane_of_sinusoids(
            bins, frames, features, period=self.config.max_period, device=spectral.device
        )
        normed = self.norm_in(spectral.permute(0, 3, 2, 1).flatten(1, 2))
        return torch.add(normed, places.flatten(0, 1), alpha=self.config.weight_pos_embed)

    def _placed_temporal(self, temporal: Tensor) -> Tensor:
        features = temporal.squeeze(2).mT
        places = self.position_embeddings(features)
        return torch.add(self.norm_in_t(features), places, alpha=self.config.weight_pos_embed)


def _norm_in(features: int, config: TransformerConfig) -> nn.Module:
    if config.norm_in:
        return nn.LayerNorm(features)
    return GlobalNorm(features) if config.norm_in_group else nn.Identity()


def _positions(features: int, config: TransformerConfig) -> nn.Module:
    if config.emb == "scaled":
        return LearnedPositions(config.max_positions, features)
    if config.emb == "cape":
        return MovedSinusoids(config.cape, period=config.max_period)
    return Sinusoids(period=config.max_period, shift=config.sin_random_shift)
