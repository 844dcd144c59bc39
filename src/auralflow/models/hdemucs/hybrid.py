"""What Hybrid Demucs and Hybrid Transformer Demucs have in common: all but what stands between encoder and decoder."""

from abc import abstractmethod
from collections.abc import Iterator
from itertools import zip_longest
from math import lcm
from typing import NamedTuple

import torch
from torch import Tensor, nn

from auralflow.models.base import Estimate, Separator
from auralflow.models.demucs.config import ResidualConfig
from auralflow.models.graph import MIXTURE, STEMS, Graph
from auralflow.models.hdemucs.building import LevelBuilder
from auralflow.models.hdemucs.coding import Coding, ComplexAsChannels, FilteredMagnitudes
from auralflow.models.hdemucs.config import HybridConfig
from auralflow.models.hdemucs.embedding import BinEmbedding
from auralflow.models.hdemucs.levels import DecoderLevel, FromFrames, ToFrames
from auralflow.models.hdemucs.shapes import shapes_of
from auralflow.models.hdemucs.spectrum import AlignedSpectrum, CentredSpectrum, Spectrum
from auralflow.models.layers.in_place import takes_place, with_skip
from auralflow.models.layers.rescale import rescale_convolutions
from auralflow.models.signal import Signal
from auralflow.models.tracing import is_traced
from auralflow.shapes import Mixture, Stems

__all__ = ["HybridSeparator"]

_SOFTEST = 1e-5
"""Added to deviations, so that silence can be divided by them."""


class _Loudness(NamedTuple):
    """Mean and deviation of each example."""

    mean: Tensor
    deviation: Tensor

    def restore(self, answer: Tensor, targets: int) -> Tensor:
        """An answer `B S·K F N` as loud as the mixture: `B S K F N`."""
        stems = answer.float().unflatten(1, (targets, -1))
        place = stems if takes_place(stems) else None
        return torch.addcmul(self.mean.unsqueeze(1), stems, self.deviation.unsqueeze(1), out=place)


class _Beside(NamedTuple):
    """What a decoder level is told of the encoder level beside it."""

    length: int
    """Bins of the spectrogram outside the level; frames, for one that goes along time."""
    temporal: Tensor | None
    """What was left of the waveform."""
    samples: int
    """Places of the waveform outside the level."""


class _Encoded(NamedTuple):
    """What the encoder leaves to the decoder, which takes it away."""

    left: list[Tensor]
    """What each level made of the spectrogram."""
    temporal: Tensor | None
    """What the last one made of the waveform."""
    sides: list[_Beside]
    spectral_loudness: _Loudness
    temporal_loudness: _Loudness


class HybridSeparator(Separator):
    """Two U-Nets side by side, whose answers are added.

        mixture ─┬─▶ spectrum ─▶  encoder ─▶ ┐            ┌ ─▶  decoder ─▶ spectrum⁻¹ ─┐
                 │                           ├─▶ bottom ─▶┤                            + ─▶ stems
                 └─────────────▶ tencoder ─▶ ┘            └ ─▶ tdecoder ───────────────┘

    Features are `B K F N` throughout, those of a waveform too; there `F` is 1, and `N` are its places.
    """

    spectrum: Spectrum

    def __init__(
        self,
        config: HybridConfig,
        *,
        residual: ResidualConfig,
        hybrid: bool,
        shifted: bool,
        signal: Signal,
        targets: tuple[str, ...],
    ) -> None:
        """`hybrid` is whether there is a branch on the waveform, `shifted` is explained at `AlignedSpectrum`."""
        super().__init__(config, signal=signal, targets=targets)
        self.shapes = shapes_of(config, signal, targets=len(targets), hybrid=hybrid)
        self.spectrum = (
            AlignedSpectrum(signal, shifted=shifted) if hybrid else CentredSpectrum(signal)
        )
        self.coding: Coding = (
            ComplexAsChannels() if config.complex_as_channels else FilteredMagnitudes(config.wiener)
        )
        self.encoder, self.decoder = nn.ModuleList(), nn.ModuleList()
        self.tencoder, self.tdecoder = nn.ModuleList(), nn.ModuleList()
        self.step = signal.hop_length
        build = LevelBuilder(config, residual)
        for index, shape in enumerate(self.shapes):
            self.encoder.append(build.encoder(shape, index))
            self.decoder.insert(0, build.decoder(shape, index))
            if shape.temporal is not None:
                self.tencoder.append(build.waveform_encoder(shape.temporal, shape, index))
                self.tdecoder.insert(0, build.waveform_decoder(shape.temporal, shape, index))
                self.step = lcm(self.step, config.stride ** (index + 1))
            if not shape.spectral.over_bins:
                self.step *= config.time_stride
        self.freq_emb = (
            BinEmbedding(
                1 if self.shapes[0].joins else self.shapes[0].bins // config.stride,
                self.shapes[0].spectral.inside,
                weight=config.freq_emb,
                scale=config.emb_scale,
                smooth=config.emb_smooth,
            )
            if config.freq_emb
            else None
        )
        if config.rescale:
            rescale_convolutions(self, config.rescale)

    @abstractmethod
    def bottom(
        self, spectral: Tensor, temporal: Tensor | None
    ) -> tuple[Tensor | None, Tensor | None]:
        """What the decoder adds its first skips to, from the features of the last encoder levels."""

    def estimate(self, mixture: Mixture) -> Estimate:
        """Samples `B S C T`."""
        spectrum = self.spectrum(mixture)
        kept = self.coding.kept(spectrum)
        encoded = self._encoded(self.coding.heard(spectrum), mixture)
        del spectrum
        said, waveform = self._decoded(encoded)
        stems = self.spectrum.inverse(self.coding.spectra(said, kept), mixture.shape[-1])
        if waveform is not None:
            stems = with_skip(stems, waveform)
        return Estimate(stems, lambda: stems)

    def _between(self, heard: Tensor, mixture: Mixture) -> tuple[Tensor, Tensor | None]:
        """What both branches say, of what they are given: the spectrum's part, and samples `B S C T`."""
        return self._decoded(self._encoded(heard, mixture))

    def graph(self) -> Graph:
        """From spectrum and samples to both of the stems; one without a branch on the waveform wants no samples."""
        heard, said, refinement = self.coding.ports()
        both = len(self.tencoder) > 0
        return Graph(
            (heard, MIXTURE) if both else (heard,),
            (said, STEMS) if both else (said,),
            self._both if both else self._spectral,
            listen=self._heard_both if both else self._heard_spectral,
            frames=self.spectrum.frames,
            transform=self.spectrum.transform(),
            refinement=refinement,
        )

    def _heard_both(self, mixture: Mixture) -> tuple[Tensor, ...]:
        return (*self._heard_spectral(mixture), mixture)

    def _heard_spectral(self, mixture: Mixture) -> tuple[Tensor, ...]:
        return (self.coding.heard(self.spectrum(mixture)),)

    def _both(self, heard: Tensor, mixture: Tensor) -> tuple[Tensor, ...]:
        return tuple(part for part in self._between(heard, mixture) if part is not None)

    def _spectral(self, heard: Tensor) -> tuple[Tensor]:
        # How long the mixture is makes no difference without a branch on it.
        silence = heard.new_zeros(*heard.shape[:2], 2)
        return (self._between(heard, silence)[0],)

    def reference(self, stems: Stems) -> Tensor:
        """The true stems."""
        return stems

    def levels(self) -> Iterator[tuple[str, nn.Module]]:
        """Encoder, what the class has at the bottom, decoder; levels are numbered from the outside."""
        for index, (level, time_level) in enumerate(zip_longest(self.encoder, self.tencoder)):
            if time_level is not None:
                yield f"time encoder {index + 1}", time_level
            yield f"encoder {index + 1}", level
        yield from self.bottom_levels()
        depth, time_depth = len(self.decoder), len(self.tdecoder)
        for index in reversed(range(depth)):
            yield f"decoder {index + 1}", self.decoder[depth - 1 - index]
            if index < time_depth:
                yield f"time decoder {index + 1}", self.tdecoder[time_depth - 1 - index]

    def bottom_levels(self) -> Iterator[tuple[str, nn.Module]]:
        """The parts of the bottom."""
        yield from ()

    def recomputed(self) -> Iterator[nn.Module]:
        """The levels; at the bottom, what is said there."""
        yield from (*self.encoder, *self.tencoder, *self.recomputed_bottom())
        yield from (*self.decoder, *self.tdecoder)

    def recomputed_bottom(self) -> Iterator[nn.Module]:
        """The parts of the bottom that may be computed again."""
        yield from ()

    def _encoded(self, heard: Tensor, mixture: Mixture) -> _Encoded:
        """What the encoder leaves."""
        spectral, spectral_loudness = _standardised(self.coding.features(heard))
        temporal, temporal_loudness = _standardised(mixture.unsqueeze(2))
        left: list[Tensor] = []
        sides: list[_Beside] = []
        for shape, level, time_level in zip_longest(self.shapes, self.encoder, self.tencoder):
            length = spectral.shape[2 if shape.spectral.over_bins else 3]
            samples = temporal.shape[3]
            joins = isinstance(time_level, ToFrames)
            if time_level is not None:
                temporal = time_level(temporal)
            spectral = level(spectral, temporal) if joins else level(spectral)
            if self.freq_emb is not None and not left:
                spectral = self.freq_emb(spectral)
            alone = time_level is not None and not joins
            left.append(spectral)
            sides.append(_Beside(length, temporal if alone else None, samples))
        inner = temporal if len(self.tencoder) else None
        return _Encoded(left, inner, sides, spectral_loudness, temporal_loudness)

    def _decoded(self, encoded: _Encoded) -> tuple[Tensor, Tensor | None]:
        """What both branches say: the spectrum's part, and samples `B S C T`.

        Nothing that was left is kept for longer than it is wanted: the outermost are the widest.
        """
        left, inner, sides, spectral_loudness, temporal_loudness = encoded
        answer, temporal = self.bottom(left[-1], inner)
        del encoded, inner
        common = [None] * (len(self.decoder) - len(self.tdecoder))
        answer = with_skip(answer, left.pop())
        for level, time_level in zip(self.decoder, [*common, *self.tdecoder], strict=True):
            length, skip, samples = sides.pop()
            # The waveform first, where it can be: it becomes narrower, and what stood beside it is gone.
            if isinstance(time_level, DecoderLevel) and skip is not None:
                temporal = time_level(with_skip(temporal, skip), samples)[0]
            del skip
            answer, inner = level(answer, length, left.pop() if left else None)
            if isinstance(time_level, FromFrames) and inner is not None:
                temporal = time_level(inner, samples)
            del inner
        targets = len(self.targets)
        said = self.coding.said(spectral_loudness.restore(answer, targets))
        if temporal is None or not len(self.tdecoder):
            return said, None
        return said, temporal_loudness.restore(temporal, targets).squeeze(3)


def _standardised(features: Tensor) -> tuple[Tensor, _Loudness]:
    """Features of mean 0 and deviation 1 in each example, and what they were."""
    # A single sample has no deviation: it is its own mean.
    correction = 1 if is_traced() else min(1, features[0].numel() - 1)
    deviation, mean = torch.std_mean(features, (1, 2, 3), correction=correction, keepdim=True)
    centred = features - mean
    divisor = _SOFTEST + deviation
    standard = centred.div_(divisor) if takes_place(centred) else centred / divisor
    return standard, _Loudness(mean, deviation)
