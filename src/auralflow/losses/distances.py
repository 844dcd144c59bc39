"""How far an estimate lies from the truth, value by value: three measures of a difference, in five domains.

    measure     of a difference of size d        domain           what differs
    l1          d                                (none)           what the network computes in
    l2          d²                               waveform         samples
    smooth-l1   d² / 2·knee below the knee,      magnitude        |S|
                d − knee / 2 above               log-magnitude    ln(|S| + floor)
                                                 complex          S; d is the modulus of the difference

Magnitudes are the network's own where it computes in them. Complex spectra have the resolution of the network and are
scaled by 1/√num_fft, which makes `l2-complex` the energy of the error in each window.
"""

from typing import Literal

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from auralflow.losses.options import LossOptions
from auralflow.losses.pair import Pair
from auralflow.losses.sound import Sound
from auralflow.losses.term import Term, mean_of_targets

__all__ = ["Domain", "Measure", "distance"]

Measure = Literal["l1", "l2", "smooth-l1"]
Domain = Literal["values", "waveform", "magnitude", "log-magnitude", "complex"]


def distance(measure: Measure, domain: Domain) -> Term:
    """The mean of a measure over all the values that each target has in a domain."""

    def term(pair: Pair, options: LossOptions) -> Float[Tensor, "B S"]:
        estimate, reference = (
            _in_domain(sound, domain, pair, options) for sound in (pair.estimate, pair.reference)
        )
        return mean_of_targets(_measured(estimate, reference, measure, options))

    return term


def _in_domain(sound: Sound, domain: Domain, pair: Pair, options: LossOptions) -> Tensor:
    if domain == "complex":
        return sound.spectrum(pair.resolution)
    if domain == "log-magnitude":
        # Not every network keeps its magnitudes from falling below zero.
        return (sound.magnitude.clamp_min(0) + options.log_magnitude.floor).log()
    return sound.form(domain)


def _measured(
    estimate: Tensor, reference: Tensor, measure: Measure, options: LossOptions
) -> Tensor:
    if measure == "l1":
        return (estimate - reference).abs()
    if estimate.is_complex():
        estimate = (estimate - reference).abs()
        reference = estimate.new_zeros(()).expand_as(estimate)
    # One pass over the values each way, where a difference and its square would be two.
    if measure == "l2":
        return F.mse_loss(estimate, reference, reduction="none")
    return F.smooth_l1_loss(estimate, reference, reduction="none", beta=options.smooth_l1.knee)
