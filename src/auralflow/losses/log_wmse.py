"""The logarithm of the error as people hear it, in proportion to the mixture: it has a meaning where stems are silent.

    4 ln( ‖h ∗ (ŝ − s)‖² / max(‖h ∗ x‖², 1e-16) + 1e-8 )           x the mixture; ‖·‖² means over samples

averaged over channels. It is 4 ln 1e-8 = −73.7 for a perfect estimate, silent or not, does not change if all three get
louder, and gives the mixture no gradient. h weights frequencies, see `dsp/hearing.py`.

Source: Jordal, log-wmse-audio-quality 0.2; the form without a threshold of audibility is that of Landschoot's
torch-log-wmse 1.1, negated. Differs from it: h is evaluated at any sample rate, not resampled.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.dsp.hearing import weighted_power
from auralflow.dsp.log_wmse import log_error
from auralflow.losses.options import LossOptions
from auralflow.losses.pair import Pair
from auralflow.shapes import Mixture, Stems

__all__ = ["log_wmse", "log_wmse_term"]


def log_wmse(
    estimate: Stems, reference: Stems, mixture: Mixture, *, sample_rate: int
) -> Float[Tensor, "B S"]:
    """The weighted error of each stem; lower is better, by 9.2 for 10 dB."""
    with torch.no_grad():
        heard = weighted_power(mixture, sample_rate).unsqueeze(1)
    error = weighted_power(estimate - reference, sample_rate)
    return log_error(error, heard).mean(-1)


def log_wmse_term(pair: Pair, _options: LossOptions) -> Float[Tensor, "B S"]:
    """`log-wmse` of the catalogue."""
    return log_wmse(
        pair.estimate.waveform,
        pair.reference.waveform,
        pair.mixture.waveform.squeeze(1),
        sample_rate=pair.sample_rate,
    )
