"""Hybrid Transformer Demucs: Hybrid Demucs whose two branches meet in a transformer.

Source: Rouard, Massa, Défossez, "Hybrid Transformers for Music Source Separation", ICASSP 2023. The state dict is that of
`demucs.htdemucs.HTDemucs` of the package demucs 4.1.0 (MIT licence), and outputs for equal weights are the same; nothing was
copied from it.

Differs from it as HDemucs does (see `auralflow.models.hdemucs.network`), and: sparse attention, which needs the package xformers,
is not there. Random positions (`transformer.sin-random-shift`, `transformer.cape`) are drawn from torch's generator,
and never outside training, while the package moves sinusoids then too. A mixture longer than `pad-to` is computed at its own
length (the package refuses it in `valid_length`); off is the default (`use_train_segment` is on there). Branches of
different widths may meet, where `bottom-channels` brings them to one.
"""

from collections.abc import Iterator
from dataclasses import replace

from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.config import Config
from auralflow.errors import ModelError
from auralflow.models.base import Estimate
from auralflow.models.demucs.config import ResidualConfig
from auralflow.models.graph import Graph
from auralflow.models.hdemucs.hybrid import HybridSeparator
from auralflow.models.htdemucs.config import HTDemucsConfig
from auralflow.models.htdemucs.transformer import CrossTransformer
from auralflow.models.signal import Signal
from auralflow.shapes import Mixture

__all__ = ["HTDemucs"]


class HTDemucs(HybridSeparator):
    """Spectrogram and waveform to samples, with a transformer across both between encoder and decoder."""

    def __init__(self, config: Config, *, signal: Signal, targets: tuple[str, ...]) -> None:
        if not isinstance(config, HTDemucsConfig):
            raise ModelError(
                f"HTDemucs was given a {type(config).__name__}: build it with "
                'auralflow.models.create("htdemucs", …)'
            )
        super().__init__(
            config,
            residual=ResidualConfig(
                **config.residual.model_dump(), attention_from=None, lstm_from=None
            ),
            hybrid=True,
            shifted=False,
            signal=signal,
            targets=targets,
        )
        self.shortest = round(config.pad_to * signal.sample_rate)
        self.crosstransformer: CrossTransformer | None = None
        self.channel_upsampler: nn.Conv1d | None = None
        if config.transformer.layers:
            self._add_transformer(config)

    def _add_transformer(self, config: HTDemucsConfig) -> None:
        innermost = self.shapes[-1]
        if innermost.temporal is None:
            fitting = sum(shape.temporal is not None for shape in self.shapes)
            raise ModelError(
                f"max-layers is {config.max_layers}, but after {fitting} levels the branches are one, and the transformer "
                f"wants two: set max-layers to {fitting} or less, or transformer.layers to 0"
            )
        spectral, temporal = innermost.spectral.inside, innermost.temporal.inside
        width = config.bottom_channels or spectral
        if config.bottom_channels:
            self.channel_upsampler = nn.Conv1d(spectral, width, 1)
            self.channel_downsampler = nn.Conv1d(width, spectral, 1)
            self.channel_upsampler_t = nn.Conv1d(temporal, width, 1)
            self.channel_downsampler_t = nn.Conv1d(width, temporal, 1)
        elif spectral != temporal:
            raise ModelError(
                f"init-features-time is {config.init_features_time}, which gives the transformer {temporal} features of the "
                f"waveform and {spectral} of the spectrogram: set bottom-channels, to which both are brought"
            )
        self.crosstransformer = CrossTransformer(width, config.transformer)

    def estimate(self, mixture: Mixture) -> Estimate:
        """Samples `B S C T`."""
        samples = mixture.shape[-1]
        if self.training or samples >= self.shortest:
            return super().estimate(mixture)
        padded = super().estimate(F.pad(mixture, (0, self.shortest - samples)))
        stems = padded.values[..., :samples]
        return Estimate(stems, lambda: stems)

    def graph(self) -> Graph:
        """As that of other hybrids, of what is padded."""
        return replace(super().graph(), shortest=max(1, self.shortest))

    def bottom(self, spectral: Tensor, temporal: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """What both branches have seen of themselves and of one another."""
        if self.crosstransformer is None or temporal is None:
            return spectral, temporal
        if self.channel_upsampler is None:
            seen: tuple[Tensor, Tensor] = self.crosstransformer(spectral, temporal)
            return seen
        spectral, temporal = self.crosstransformer(
            _pointwise(self.channel_upsampler, spectral),
            _pointwise(self.channel_upsampler_t, temporal),
        )
        return (
            _pointwise(self.channel_downsampler, spectral),
            _pointwise(self.channel_downsampler_t, temporal),
        )

    def bottom_levels(self) -> Iterator[tuple[str, nn.Module]]:
        """The transformer, and what brings features to its width and back."""
        if self.channel_upsampler is not None:
            yield "to transformer", self.channel_upsampler
            yield "time to transformer", self.channel_upsampler_t
        if self.crosstransformer is not None:
            yield "transformer", self.crosstransformer
        if self.channel_upsampler is not None:
            yield "from transformer", self.channel_downsampler
            yield "time from transformer", self.channel_downsampler_t

    def recomputed_bottom(self) -> Iterator[nn.Module]:
        """Each layer of the transformer by itself."""
        if self.crosstransformer is not None:
            yield from (*self.crosstransformer.layers, *self.crosstransformer.layers_t)


def _pointwise(layer: nn.Conv1d, features: Tensor) -> Tensor:
    batch, _, bins, places = features.shape
    answer: Tensor = layer(features.flatten(2))
    return answer.reshape(batch, -1, bins, places)
