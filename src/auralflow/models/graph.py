"""What a network computes between its Fourier transforms: tensors in, tensors out, and nothing complex.

    mixture ─▶ transform ─▶ ┌───────┐ ─▶ phase or filter ─▶ transform⁻¹ ─▶ stems
                            │ graph │
    mixture ──────────────▶ └───────┘ ────────────────────────────────────▶ stems

A network on magnitudes has the upper way, one on the waveform the lower, a hybrid one both, whose stems are added.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from auralflow.shapes import Mixture

__all__ = [
    "MAGNITUDES",
    "MIXTURE",
    "SPECTRUM",
    "STEMS",
    "STEM_MAGNITUDES",
    "STEM_SPECTRA",
    "Graph",
    "Port",
    "Refinement",
    "Transform",
]


@dataclass(frozen=True)
class Port:
    """A tensor that goes in or comes out, float32."""

    name: str
    axes: str
    """Its dimensions by the key of `auralflow.shapes`; `P` is real part and imaginary part."""


MIXTURE, STEMS = Port("mixture", "B C T"), Port("stems", "B S C T")
MAGNITUDES, STEM_MAGNITUDES = Port("magnitudes", "B C F N"), Port("stem_magnitudes", "B S C F N")
SPECTRUM, STEM_SPECTRA = Port("spectrum", "B C F N P"), Port("stem_spectra", "B S C F N P")


@dataclass(frozen=True)
class Transform:
    """The short-time Fourier transform around a graph, by periodic Hann windows."""

    num_fft: int
    window_size: int
    hop_length: int
    framing: Literal["silence", "mirror", "aligned", "shifted"]
    """Where frames lie and what lies beyond the audio, as `Stft` and `AlignedSpectrum` have it."""
    scale: Literal["orthonormal", "sum"]
    bins: int
    """Those the graph sees, from 0 Hz on; what is missing above is zero."""


@dataclass(frozen=True)
class Refinement:
    """The multichannel Wiener filter by which magnitudes become spectra; see `auralflow.dsp.wiener`."""

    iterations: int
    softmask: bool
    residual: bool
    window: int


@dataclass(frozen=True)
class Graph:
    """A network without what is around it."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    compute: Callable[..., tuple[Tensor, ...]]
    """From the inputs to the outputs, in order."""
    listen: Callable[[Mixture], tuple[Tensor, ...]] = lambda mixture: (mixture,)
    """From a mixture to the inputs."""
    frames: Callable[[int], int] | None = None
    """Frames of so many samples, where there is a transform."""
    transform: Transform | None = None
    refinement: Refinement | None = None
    """How magnitudes that come out get their phases; None takes the mixture's."""
    shortest: int = 1
    """Samples that a mixture is to be padded to with silence at its end, if it has fewer."""
