"""How a network takes and gives complex spectra."""

from typing import Protocol

import torch
from torch import Tensor

from auralflow.dsp.wiener import WINDOW, wiener
from auralflow.models.graph import (
    MAGNITUDES,
    SPECTRUM,
    STEM_MAGNITUDES,
    STEM_SPECTRA,
    Port,
    Refinement,
)
from auralflow.models.hdemucs.config import HybridWienerConfig
from auralflow.shapes import Magnitudes, Spectrum, StemSpectrum

__all__ = ["Coding", "ComplexAsChannels", "FilteredMagnitudes"]

_SILENCE = 1e-8


class Coding(Protocol):
    """Spectra to features, and answers to spectra."""

    def heard(self, spectrum: Spectrum) -> Tensor:
        """What is real in a spectrum."""
        ...

    def features(self, heard: Tensor) -> Tensor:
        """Features `B K F N` of that."""
        ...

    def said(self, answer: Tensor) -> Tensor:
        """An answer `B S K F N` as `heard` would have it of the stems."""
        ...

    def kept(self, spectrum: Spectrum) -> Spectrum | None:
        """What `spectra` will want of the mixture."""
        ...

    def spectra(self, said: Tensor, mixture: Spectrum | None) -> StemSpectrum:
        """Spectra of the stems, from that and what was kept of the mixture."""
        ...

    def ports(self) -> tuple[Port, Port, Refinement | None]:
        """What `heard` and `said` are, and how `spectra` makes phases."""
        ...


class ComplexAsChannels:
    """Real and imaginary parts of a channel are two channels.

    Source: Choi et al., "Investigating U-Nets with various Intermediate Blocks for Spectrogram-based Singing Voice
    Separation", ISMIR 2020.
    """

    def heard(self, spectrum: Spectrum) -> Tensor:
        """Pairs `B C F N P`."""
        return torch.view_as_real(spectrum)

    def features(self, heard: Tensor) -> Tensor:
        """Twice as many channels."""
        return heard.movedim(1, 3).flatten(3).movedim(-1, 1)

    def said(self, answer: Tensor) -> Tensor:
        """Pairs `B S C F N P`."""
        pairs: Tensor = answer.unflatten(2, (-1, 2)).movedim(3, -1)
        return pairs

    def kept(self, spectrum: Spectrum) -> None:
        """Nothing: it is all in the answer."""

    def spectra(self, said: Tensor, mixture: Spectrum | None) -> StemSpectrum:  # noqa: ARG002  (see `kept`)
        """Spectra as they were answered."""
        # Where features lie together, so do real and imaginary parts, and nothing is copied.
        return torch.view_as_complex(said if said.stride(-1) == 1 else said.contiguous())

    def ports(self) -> tuple[Port, Port, None]:
        """Spectra on both sides."""
        return SPECTRUM, STEM_SPECTRA, None


class FilteredMagnitudes:
    """Magnitudes; phases come from the mixture, by a Wiener filter or as they are."""

    def __init__(self, config: HybridWienerConfig) -> None:
        self.config = config

    def heard(self, spectrum: Spectrum) -> Tensor:
        """Magnitudes `B C F N`."""
        return spectrum.abs()

    def features(self, heard: Tensor) -> Tensor:
        """The same."""
        return heard

    def said(self, answer: Tensor) -> Magnitudes:
        """The same."""
        return answer

    def kept(self, spectrum: Spectrum) -> Spectrum:
        """The spectrum."""
        return spectrum

    def spectra(self, said: Magnitudes, mixture: Spectrum | None) -> StemSpectrum:
        """Spectra with the answered magnitudes, filtered. Raises `ValueError` without the mixture's."""
        if mixture is None:
            raise ValueError("magnitudes have no phases without the mixture's spectrum")
        if self.config.iterations < 0:
            return (mixture / (_SILENCE + mixture.abs())).unsqueeze(1) * said
        with torch.autocast(mixture.device.type, enabled=False):
            filtered = wiener(
                said,
                mixture,
                iterations=self.config.iterations,
                softmask=False,
                residual=self.config.residual,
            )
        return filtered[:, : said.shape[1]]

    def ports(self) -> tuple[Port, Port, Refinement]:
        """Magnitudes on both sides, and the filter."""
        steps = max(0, self.config.iterations)
        refinement = Refinement(steps, softmask=False, residual=self.config.residual, window=WINDOW)
        return MAGNITUDES, STEM_MAGNITUDES, refinement
