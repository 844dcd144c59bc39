"""Signal-to-noise ratio of a whole track: uSDR without its δ."""

from jaxtyping import Float
from torch import Tensor

from auralflow.metrics.energy_meter import EnergyMeter
from auralflow.metrics.metric import Metric
from auralflow.metrics.sdr import energy_ratio
from auralflow.metrics.sums import audio_sums
from auralflow.shapes import Stems

__all__ = ["SNR", "snr"]


def snr(estimate: Stems, reference: Stems) -> Float[Tensor, "B S"]:
    """10 log10 Σ s² / Σ (ŝ − s)² over the whole length of each stem, in dB; higher is better.

    Channels are taken together. A perfect estimate gives +inf, a silent reference NaN.
    """
    return energy_ratio(audio_sums(estimate, reference))


SNR = Metric(
    name="snr",
    label="SNR",
    explanation="energy of the target over that of the error, of the whole track",
    source="the textbooks' definition; torchmetrics 1.9 has it for each channel by itself",
    meter=EnergyMeter,
    read=lambda meter: meter.of_track(energy_ratio),
)
