"""How a network takes and gives complex spectra."""

from typing import Protocol

import torch
from torch import Tensor

from auralflow.dsp.wiener import wiener
from auralflow.models.hdemucs.config import HybridWienerConfig
from auralflow.shapes import Magnitudes, Spectrum, StemSpectrum

__all__ = ["Coding", "ComplexAsChannels", "FilteredMagnitudes"]

_SILENCE = 1e-8


class Coding(Protocol):
    """Spectra to features, and answers to spectra."""

    def features(self, spectrum: Spectrum) -> Tensor:
        """Features `B K F N` of the mixture."""
        ...

    def spectra(self, answer: Tensor, mixture: Spectrum) -> StemSpectrum:
        """Spectra of the stems, from an answer `B S K F N` and the mixture."""
        ...


class ComplexAsChannels:
    """Real and imaginary parts of a channel are two channels.

    Source: Choi et al., "Investigating U-Nets with various Intermediate Blocks for Spectrogram-based Singing Voice
    Separation", ISMIR 2020.
    """

    def features(self, spectrum: Spectrum) -> Tensor:
        """Twice as many channels."""
        return torch.view_as_real(spectrum).movedim(1, 3).flatten(3).movedim(-1, 1)

    def spectra(self, answer: Tensor, mixture: Spectrum) -> StemSpectrum:  # noqa: ARG002  (it is all in the answer)
        """Spectra as they were answered."""
        pairs = answer.unflatten(2, (-1, 2)).movedim(3, -1)
        # Where features lie together, so do real and imaginary parts, and nothing is copied.
        return torch.view_as_complex(pairs if pairs.stride(-1) == 1 else pairs.contiguous())


class FilteredMagnitudes:
    """Magnitudes; phases come from the mixture, by a Wiener filter or as they are."""

    def __init__(self, config: HybridWienerConfig) -> None:
        self.config = config

    def features(self, spectrum: Spectrum) -> Tensor:
        """Magnitudes."""
        return spectrum.abs()

    def spectra(self, answer: Magnitudes, mixture: Spectrum) -> StemSpectrum:
        """Spectra with the answered magnitudes, filtered."""
        if self.config.iterations < 0:
            return (mixture / (_SILENCE + mixture.abs())).unsqueeze(1) * answer
        with torch.autocast(mixture.device.type, enabled=False):
            filtered = wiener(
                answer,
                mixture,
                iterations=self.config.iterations,
                softmask=False,
                residual=self.config.residual,
            )
        return filtered[:, : answer.shape[1]]
