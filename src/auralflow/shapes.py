"""The dimension key of the whole package, as array types.

    B  items of a batch       S  sources (stems)      C  channels
    T  samples                F  frequency bins       N  spectrogram frames

Audio is float, between -1 and 1 at full scale. The names annotate: nothing checks them while the program runs.
"""

from jaxtyping import Complex, Float
from numpy import ndarray
from torch import Tensor

__all__ = ["Audio", "Magnitudes", "Mixture", "Spectrum", "StemSpectrum", "Stems"]

Audio = Float[ndarray, "C T"]
Mixture = Float[Tensor, "B C T"]
Stems = Float[Tensor, "B S C T"]
Spectrum = Complex[Tensor, "B C F N"]
StemSpectrum = Complex[Tensor, "B S C F N"]
Magnitudes = Float[Tensor, "B S C F N"]
