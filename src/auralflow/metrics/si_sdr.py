"""Scale-invariant signal-to-distortion ratio: does not care how loud the estimate is."""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.metrics.energy_meter import EnergyMeter
from auralflow.metrics.metric import Metric
from auralflow.metrics.sums import Sums, audio_sums
from auralflow.shapes import Stems

__all__ = ["SI_SDR", "scale_invariant_ratio", "si_sdr"]


def scale_invariant_ratio(sums: Sums) -> Float[Tensor, "..."]:
    """Energy of the estimate's part along the reference over the energy of the rest, in dB.

    The rest, what is orthogonal to the reference, is the same for the estimate and for its error, so it is taken from
    the smaller of the two, which loses fewer digits. A perfect estimate gives +inf; one that is perfect but for its
    level gives +inf or what float64 leaves of it, above 120 dB; one orthogonal to the reference −inf. A silent
    reference or a silent estimate gives NaN: neither has a direction.
    """
    along = sums.estimate_product.square() / sums.reference
    rest = torch.where(
        sums.error < sums.estimate,
        sums.error - sums.error_product.square() / sums.reference,
        sums.estimate - along,
    ).clamp(min=0)
    measurable = (sums.reference > 0) & (sums.estimate > 0)
    return torch.where(measurable, 10 * torch.log10(along / rest), torch.nan)


def si_sdr(estimate: Stems, reference: Stems) -> Float[Tensor, "B S"]:
    """Scale-invariant signal-to-distortion ratio of each stem, in dB; higher is better.

    Channels are taken together, so a stem panned wrongly scores low. No mean is subtracted. A silent reference gives
    NaN, which `summarise` leaves out and counts; so does a silent estimate.

    Source: Le Roux et al., "SDR – half-baked or well done?", ICASSP 2019.
    """
    return scale_invariant_ratio(audio_sums(estimate, reference))


SI_SDR = Metric(
    name="si-sdr",
    label="SI-SDR",
    explanation="the same after the best change of level, so that loudness alone costs nothing",
    source="Le Roux et al., “SDR – half-baked or well done?”, ICASSP 2019",
    by_default=True,
    meter=EnergyMeter,
    read=lambda meter: meter.of_track(scale_invariant_ratio),
)
