"""SDR and SI-SDR, with the sign turned so that less is better.

    sdr      −10 log10 (‖s‖² + ε) / (‖ŝ − s‖² + ε)
    si-sdr   −10 log10 (‖αs‖² + ε) / (‖ŝ − αs‖² + ε),    α = ⟨ŝ, s⟩ / (‖s‖² + ε)

‖·‖² are means over channels and samples, and ε = 1e-10, which is 100 dB below full scale: at music's levels it changes
nothing, and where the reference is silent both losses are the estimate's level above it, so that silence is learnt.
Channels are taken together, so that a stem panned wrongly costs. No mean is subtracted.

Source: Le Roux et al., "SDR – half-baked or well done?", ICASSP 2019. Differs from it: ε.
"""

from jaxtyping import Float
from torch import Tensor

from auralflow.losses.options import LossOptions
from auralflow.losses.pair import Pair
from auralflow.losses.term import decibels, mean_of_targets
from auralflow.shapes import Stems

__all__ = ["negative_sdr", "negative_si_sdr", "sdr_term", "si_sdr_term"]

_SILENCE = 1e-10


def negative_sdr(estimate: Stems, reference: Stems) -> Float[Tensor, "B S"]:
    """Minus the signal-to-distortion ratio of each stem, in dB."""
    signal, error = reference.square(), (estimate - reference).square()
    return _minus_ratio(mean_of_targets(signal), mean_of_targets(error))


def negative_si_sdr(estimate: Stems, reference: Stems) -> Float[Tensor, "B S"]:
    """Minus the signal-to-distortion ratio of each stem after the best change of the reference's level, in dB."""
    gain = mean_of_targets(estimate * reference) / (mean_of_targets(reference.square()) + _SILENCE)
    along = gain[..., None, None] * reference
    rest = (estimate - along).square()
    return _minus_ratio(mean_of_targets(along.square()), mean_of_targets(rest))


def _minus_ratio(signal: Tensor, error: Tensor) -> Tensor:
    return decibels(error + _SILENCE, signal + _SILENCE)


def sdr_term(pair: Pair, _options: LossOptions) -> Float[Tensor, "B S"]:
    """`sdr` of the catalogue."""
    return negative_sdr(pair.estimate.waveform, pair.reference.waveform)


def si_sdr_term(pair: Pair, _options: LossOptions) -> Float[Tensor, "B S"]:
    """`si-sdr` of the catalogue."""
    return negative_si_sdr(pair.estimate.waveform, pair.reference.waveform)
