"""How far magnitudes lie from the truth, as a mark out of 100."""

from jaxtyping import Float
from torch import Tensor

from auralflow.metrics.metric import Metric
from auralflow.metrics.spectral_meter import SpectralMeter, SpectralSums
from auralflow.metrics.spectrogram import Resolution

__all__ = ["L1_FREQ"]

_RESOLUTION = Resolution(num_fft=2048, hop_length=1024, window_size=2048, window="none")


def _meter(sources: int, sample_rate: int) -> SpectralMeter:
    return SpectralMeter(sources, sample_rate, resolutions=[_RESOLUTION])


def _mark(sums: SpectralSums) -> Float[Tensor, " S"]:
    """100 / (1 + 10 · mean | |Ŝ| − |S| |): 100 for a perfect estimate, and less the louder all of it is."""
    return 100 / (1 + 10 * sums.difference / sums.values)


L1_FREQ = Metric(
    name="l1-freq",
    label="L1-freq",
    explanation="mean difference of magnitudes, as a mark out of 100",
    source="Music-Source-Separation-Training (msst 0.1.0), l1_freq",
    unit="",
    has_gain=False,
    meter=_meter,
    read=lambda meter: meter.of_track(_mark),
)
