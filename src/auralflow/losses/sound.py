"""Audio in every form that a loss may ask for, each computed when it is first asked for and then kept."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from auralflow.dsp.stft import Stft
from auralflow.losses.options import ResolutionOptions
from auralflow.shapes import Stems, StemSpectrum

__all__ = ["Form", "Hearing", "Resolution", "Sound", "resolutions"]


@dataclass(frozen=True)
class Resolution:
    """A short-time Fourier transform, in samples."""

    num_fft: int
    window_size: int
    hop_length: int


Form = Literal["waveform", "values", "magnitude"] | Resolution
"""A waveform, what a network computes in, magnitudes, or the complex spectrum of a resolution."""


class Sound:
    """Stems, whatever form of them is wanted: all begin with `B S C`."""

    def __init__(self, compute: Callable[["Sound", Form], Tensor]) -> None:
        """Forms come from `compute`, which may ask for others."""
        self._compute = compute
        self._known: dict[Form, Tensor] = {}

    def form(self, form: Form) -> Tensor:
        """The sound in a form."""
        if form not in self._known:
            self._known[form] = self._compute(self, form)
        return self._known[form]

    @property
    def waveform(self) -> Stems:
        """Samples, in float32."""
        return self.form("waveform")

    @property
    def values(self) -> Float[Tensor, "B S C ..."]:
        """What the network computes in, magnitudes or samples, in float32."""
        return self.form("values")

    @property
    def magnitude(self) -> Float[Tensor, "B S C F N"]:
        """The network's magnitudes; for a network that computes in samples, those of its resolution."""
        return self.form("magnitude")

    def spectrum(self, resolution: Resolution) -> StemSpectrum:
        """The complex spectrum of a resolution, scaled by 1/√num_fft."""
        return self.form(resolution)

    def rolled(self, places: int) -> "Sound":
        """The same with the stem `i + places` at place `i`, the first ones following the last."""
        return Sound(lambda _, form: self.form(form).roll(-places, 1))


@dataclass(frozen=True)
class Hearing:
    """What a network does with audio before it compares it."""

    represent: Callable[[Stems], Tensor]
    """Stems in the domain of the network's values: `Separator.reference`."""
    resolution: Resolution
    """The network's own."""
    in_magnitudes: bool
    """Whether that domain is magnitudes `B S C F N`, and not samples `B S C T`."""

    def listen(self, waveform: Callable[[], Stems], values: Tensor | None = None) -> Sound:
        """A sound whose samples, and if they are not given whose values, are computed when they are wanted."""

        def compute(sound: Sound, form: Form) -> Tensor:
            if isinstance(form, Resolution):
                return _spectrum(sound.waveform, form)
            if form == "waveform":
                return waveform().float()
            if form == "values":
                return (self.represent(sound.waveform) if values is None else values).float()
            return sound.values if self.in_magnitudes else sound.spectrum(self.resolution).abs()

        return Sound(compute)


def resolutions(options: ResolutionOptions) -> list[Resolution]:
    """The resolutions that three lists stand for."""
    lists = (options.num_fft, options.window_size, options.hop_length)
    return [Resolution(*sizes) for sizes in zip(*lists, strict=True)]


def _spectrum(audio: Stems, resolution: Resolution) -> Complex[Tensor, "B S C F N"]:
    spectrum: Tensor = _transform(resolution, audio.device)(audio)
    return spectrum


@lru_cache(maxsize=32)
def _transform(resolution: Resolution, device: torch.device) -> Stft:
    # A window made while gradients are off altogether could not be used where they are on.
    with torch.inference_mode(False):
        return Stft(
            num_fft=resolution.num_fft,
            window_size=resolution.window_size,
            hop_length=resolution.hop_length,
        ).to(device)
