"""Between audio and the planes of a U-Net: what it sees of a mixture, and what its answer means."""

from dataclasses import dataclass
from typing import Protocol

import torch
from einops import rearrange
from torch import Tensor, nn

from auralflow.dsp.stft import Stft
from auralflow.models.base import Estimate
from auralflow.models.layers.bins import BinAffine, BinNorm
from auralflow.models.layers.filterbank import FilterBank
from auralflow.models.layers.masks import Mask
from auralflow.models.signal import Signal
from auralflow.shapes import Magnitudes, Mixture, Stems

__all__ = ["Domain", "Heard", "SpectrogramDomain", "WaveDomain", "WaveMaskDomain"]

_SILENCE = 1e-12
_QUIETEST = 1e-5
"""Deviations are held above this, -100 dB: a quieter mixture is not made louder."""


@dataclass(frozen=True)
class Heard:
    """What a domain keeps of a mixture until the network has answered."""

    samples: int
    signal: Tensor
    """What masks are multiplied with, or what the answer is scaled by."""


class Domain(Protocol):
    """A role: the two ends of a network."""

    planes_in: int
    planes_out: int
    bins: int | None
    """Frequency bins of the planes; None where they have none."""
    hop: int
    """Samples between one place along time and the next."""
    unit: str
    """What a person calls such places."""

    def places(self, samples: int) -> int:
        """Places along time of so many samples."""

    def listen(self, mixture: Mixture) -> tuple[Tensor, Heard]:
        """The planes the network sees."""

    def answer(self, planes: Tensor, heard: Heard) -> Estimate:
        """What its answer says about the stems."""

    def reference(self, stems: Stems) -> Tensor:
        """True stems, as `Estimate.values`."""


class SpectrogramDomain(nn.Module):
    """Magnitudes of a Fourier transform; the stems have the mixture's phase.

    The Nyquist bin, which would make the number of bins odd, is left out of the network and treated as its neighbour
    is. With `activation` None the network's answer is the magnitude itself.
    """

    unit = "frames"

    def __init__(
        self,
        signal: Signal,
        targets: int,
        *,
        activation: str | None,
        input_norm: bool,
        output_norm: bool,
    ) -> None:
        super().__init__()
        self.targets = targets
        self.bins = signal.bins - 1
        self.hop = signal.hop_length
        self.planes_in = signal.channels
        self.planes_out = targets * signal.channels
        self.stft = Stft(
            num_fft=signal.num_fft, window_size=signal.window_size, hop_length=signal.hop_length
        )
        self.input_norm = BinNorm(self.bins) if input_norm else nn.Identity()
        self.output_norm = BinAffine(self.bins) if output_norm else nn.Identity()
        self.mask = Mask(activation, targets=targets) if activation else None

    def places(self, samples: int) -> int:
        """Frames of the spectrogram."""
        return self.stft.frames(samples)

    def listen(self, mixture: Mixture) -> tuple[Tensor, Heard]:
        """Standardised log magnitudes `B C F N`, or plain ones."""
        spectrum = self.stft(mixture)
        return self.planes_of(spectrum.abs()), Heard(mixture.shape[-1], spectrum)

    def planes_of(self, magnitude: Tensor) -> Tensor:
        """The same of magnitudes `B C F N`."""
        planes: Tensor = self.input_norm(magnitude[..., :-1, :])
        return planes

    def magnitudes_of(self, planes: Tensor, magnitude: Tensor) -> Magnitudes:
        """What an answer says of the stems, beside the mixture's magnitudes."""
        planes = self.output_norm(planes.float())
        planes = torch.cat([planes, planes[..., -1:, :]], dim=-2)
        features = rearrange(planes, "b (s c) f n -> b s c f n", s=self.targets)
        if self.mask is None:
            return torch.relu(features)
        mask: Tensor = self.mask(features)
        return mask * magnitude.unsqueeze(1)

    def answer(self, planes: Tensor, heard: Heard) -> Estimate:
        """Magnitudes `B S C F N`."""
        magnitude = heard.signal.abs()
        values = self.magnitudes_of(planes, magnitude)

        def audio() -> Stems:
            phase = heard.signal / magnitude.clamp_min(_SILENCE)
            return self.stft.inverse(values * phase.unsqueeze(1), heard.samples)

        return Estimate(values, audio)

    def reference(self, stems: Stems) -> Tensor:
        """Magnitudes `B S C F N` of true stems."""
        return self.stft.magnitude(stems)


class WaveDomain(nn.Module):
    """Samples in, samples of the stems out."""

    bins = None
    hop = 1
    unit = "samples"

    def __init__(
        self, signal: Signal, targets: int, *, input_norm: bool, output_norm: bool
    ) -> None:
        super().__init__()
        self.targets = targets
        self.planes_in = signal.channels
        self.planes_out = targets * signal.channels
        self.input_norm = input_norm
        self.output_norm = BinAffine(self.planes_out) if output_norm else nn.Identity()

    def places(self, samples: int) -> int:
        """The samples themselves."""
        return samples

    def listen(self, mixture: Mixture) -> tuple[Tensor, Heard]:
        """The samples, each item of the batch with mean 0 and variance 1."""
        level = torch.ones_like(mixture[:, :1, :1])
        planes = mixture
        if self.input_norm:
            planes, level = _standardised(mixture)
        return planes, Heard(mixture.shape[-1], level)

    def answer(self, planes: Tensor, heard: Heard) -> Estimate:
        """Samples `B S C T`, at the level of the mixture."""
        scaled = self.output_norm(planes.float()) * heard.signal
        values = rearrange(scaled, "b (s c) t -> b s c t", s=self.targets)
        return Estimate(values, lambda: values)

    def reference(self, stems: Stems) -> Tensor:
        """The stems themselves."""
        return stems


class WaveMaskDomain(nn.Module):
    """Outputs of a learned filter bank in, masks on them out, through the bank back to samples."""

    bins = None
    unit = "filter positions"

    def __init__(
        self,
        signal: Signal,
        targets: int,
        *,
        activation: str,
        filters: int,
        size: int,
        input_norm: bool,
        output_norm: bool,
    ) -> None:
        super().__init__()
        self.targets = targets
        self.channels = signal.channels
        self.filter_bank = FilterBank(filters, size)
        self.hop = self.filter_bank.hop
        self.planes_in = signal.channels * filters
        self.planes_out = targets * signal.channels * filters
        self.input_norm = input_norm
        self.output_norm = BinAffine(self.planes_out) if output_norm else nn.Identity()
        self.mask = Mask(activation, targets=targets)

    def places(self, samples: int) -> int:
        """Positions of the filters."""
        return self.filter_bank.frames(samples)

    def listen(self, mixture: Mixture) -> tuple[Tensor, Heard]:
        """Filter outputs `B (C K) N`, each item of the batch with mean 0 and variance 1."""
        features = self.filter_bank.analyse(mixture)
        planes = rearrange(features, "b c k n -> b (c k) n")
        if self.input_norm:
            planes, _ = _standardised(planes)
        return planes, Heard(mixture.shape[-1], features)

    def answer(self, planes: Tensor, heard: Heard) -> Estimate:
        """Samples `B S C T` of masked filter outputs."""
        features = rearrange(
            self.output_norm(planes.float()),
            "b (s c k) n -> b s c k n",
            s=self.targets,
            c=self.channels,
        )
        masked = self.mask(features) * heard.signal.unsqueeze(1)
        values = self.filter_bank.synthesise(masked, heard.samples)
        return Estimate(values, lambda: values)

    def reference(self, stems: Stems) -> Tensor:
        """The stems themselves."""
        return stems


def _standardised(planes: Tensor) -> tuple[Tensor, Tensor]:
    """Each item of `B K T` less its mean and over its deviation, and that deviation."""
    mean = planes.mean((1, 2), keepdim=True)
    variance = (planes - mean).square().mean((1, 2), keepdim=True)
    # Added under the root, whose slope at zero is infinite.
    deviation = (variance + _QUIETEST**2).sqrt()
    return (planes - mean) / deviation, deviation
