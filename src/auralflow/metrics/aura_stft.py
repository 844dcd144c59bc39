"""Distances of spectra as marks out of 100, as Music-Source-Separation-Training reports them."""

from jaxtyping import Float
from torch import Tensor

from auralflow.dsp.a_weighting import a_weighting_taps
from auralflow.metrics.meter import Readings
from auralflow.metrics.metric import Metric
from auralflow.metrics.mrstft import POWER_FLOOR
from auralflow.metrics.spectral_meter import SpectralMeter, SpectralSums
from auralflow.metrics.spectrogram import Resolution

__all__ = ["AURA_MRSTFT", "AURA_STFT"]

_ONE = Resolution(num_fft=1024, hop_length=256, window_size=1024, power_floor=POWER_FLOOR)
_THREE = [
    Resolution(
        num_fft=size, hop_length=size // 4, window_size=size, power_floor=POWER_FLOOR, mels=128
    )
    for size in (1024, 2048, 4096)
]


def _one(sources: int, sample_rate: int) -> SpectralMeter:
    return SpectralMeter(sources, sample_rate, resolutions=[_ONE])


def _three(sources: int, sample_rate: int) -> SpectralMeter:
    return SpectralMeter(
        sources, sample_rate, resolutions=_THREE, taps=a_weighting_taps(sample_rate)
    )


def _distance(sums: SpectralSums) -> Float[Tensor, " S"]:
    """‖|Ŝ| − |S|‖ / ‖|Ŝ|‖ + mean | ln |Ŝ| − ln |S| |; by the estimate, since msst gives the two in that order."""
    return (sums.error / sums.estimate).sqrt() + sums.logarithms / sums.values


def _mark(meter: SpectralMeter) -> Readings:
    return Readings(100 / (1 + 10 * meter.of_track(_distance).values))


AURA_STFT = Metric(
    name="aura-stft",
    label="aura-STFT",
    explanation="distance of magnitudes and of their logarithms, as a mark out of 100",
    source="Music-Source-Separation-Training (msst 0.1.0), aura_stft, with auraloss 0.4.0",
    unit="",
    has_gain=False,
    meter=_one,
    read=_mark,
)

AURA_MRSTFT = Metric(
    name="aura-mrstft",
    label="aura-MRSTFT",
    explanation="the same in mel bands behind the A-weighting, mean of three resolutions",
    source="Music-Source-Separation-Training (msst 0.1.0), aura_mrstft, with auraloss 0.4.0",
    unit="",
    has_gain=False,
    meter=_three,
    read=_mark,
)
