"""The modules of each level, from its shape and the keys."""

from dataclasses import dataclass, replace

from auralflow.models.demucs.config import ResidualConfig
from auralflow.models.hdemucs.bands import DecoderBands, EncoderBands
from auralflow.models.hdemucs.config import HybridConfig
from auralflow.models.hdemucs.levels import DecoderLevel, EncoderLevel, FromFrames, ToFrames
from auralflow.models.hdemucs.shapes import Edge, LevelShape
from auralflow.models.layers.residual import ResidualBranch

__all__ = ["LevelBuilder"]


@dataclass(frozen=True)
class LevelBuilder:
    """Builds the four modules of a level; `index` counts from the outside."""

    config: HybridConfig
    residual: ResidualConfig

    def encoder(self, shape: LevelShape, index: int) -> EncoderLevel | EncoderBands:
        """That of the spectrogram, and of what is common to both branches."""
        if not shape.bands:
            return self._encoder(shape.spectral, shape, index)
        edge = replace(shape.spectral, padding=0)
        levels = [self._encoder(edge, shape, index) for _ in range(len(shape.bands) + 1)]
        return EncoderBands(levels, shape)

    def decoder(self, shape: LevelShape, index: int) -> DecoderLevel | DecoderBands:
        """The same on the way up."""
        if not shape.bands:
            return self._decoder(shape.spectral, shape, index)
        edge = replace(shape.spectral, padding=0)
        levels = [self._decoder(edge, shape, index) for _ in range(len(shape.bands) + 1)]
        return DecoderBands(levels, shape)

    def waveform_encoder(
        self, edge: Edge, shape: LevelShape, index: int
    ) -> EncoderLevel | ToFrames:
        """That of the waveform."""
        return ToFrames(edge) if shape.joins else self._encoder(edge, shape, index)

    def waveform_decoder(
        self, edge: Edge, shape: LevelShape, index: int
    ) -> DecoderLevel | FromFrames:
        """The same on the way up."""
        if not shape.joins:
            return self._decoder(edge, shape, index)
        return FromFrames(edge, norm_groups=self._norm_groups(shape), last=index == 0)

    def _encoder(self, edge: Edge, shape: LevelShape, index: int) -> EncoderLevel:
        return EncoderLevel(
            edge,
            context=self.config.context_encoder,
            norm_groups=self._norm_groups(shape),
            branch=self._branch("encoder", edge, index),
        )

    def _decoder(self, edge: Edge, shape: LevelShape, index: int) -> DecoderLevel:
        return DecoderLevel(
            edge,
            context=self.config.context,
            bin_context=0 if shape.bands else self.config.context,
            norm_groups=self._norm_groups(shape),
            branch=self._branch("decoder", edge, index),
            last=index == 0,
        )

    def _norm_groups(self, shape: LevelShape) -> int | None:
        return self.config.norm_groups if shape.normed else None

    def _branch(self, side: str, edge: Edge, index: int) -> ResidualBranch | None:
        keys = self.residual
        if keys.where not in (side, "both"):
            return None
        attention, lstm = keys.attention_from, keys.lstm_from
        return ResidualBranch(
            edge.inside,
            compress=keys.compress,
            depth=keys.depth,
            scale=keys.scale,
            attention=attention is not None and index >= attention,
            lstm=lstm is not None and index >= lstm,
        )
