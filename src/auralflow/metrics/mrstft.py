"""The multi-resolution STFT distance."""

from jaxtyping import Float
from torch import Tensor

from auralflow.metrics.metric import Metric
from auralflow.metrics.spectral_meter import SpectralMeter, SpectralSums
from auralflow.metrics.spectrogram import Resolution

__all__ = ["MRSTFT", "POWER_FLOOR"]

POWER_FLOOR = 1e-8
_RESOLUTIONS = [
    Resolution(num_fft=1024, hop_length=120, window_size=600, power_floor=POWER_FLOOR),
    Resolution(num_fft=2048, hop_length=240, window_size=1200, power_floor=POWER_FLOOR),
    Resolution(num_fft=512, hop_length=50, window_size=240, power_floor=POWER_FLOOR),
]


def _meter(sources: int, sample_rate: int) -> SpectralMeter:
    return SpectralMeter(sources, sample_rate, resolutions=_RESOLUTIONS)


def _distance(sums: SpectralSums) -> Float[Tensor, " S"]:
    """‖|Ŝ| − |S|‖ / ‖|S|‖ + mean | ln |Ŝ| − ln |S| |."""
    return (sums.error / sums.reference).sqrt() + sums.logarithms / sums.values


MRSTFT = Metric(
    name="mrstft",
    label="MRSTFT",
    explanation="distance of magnitudes and of their logarithms, mean of three resolutions",
    source="Yamamoto et al., “Parallel WaveGAN”, ICASSP 2020; auraloss 0.4.0, MultiResolutionSTFTLoss",
    unit="",
    higher_is_better=False,
    has_gain=False,
    meter=_meter,
    read=lambda meter: meter.of_track(_distance),
)
