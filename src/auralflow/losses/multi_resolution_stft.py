"""Magnitudes at several resolutions: how much of the spectrum is missed, and by which factor each bin is.

The mean over the resolutions of

    ‖|S| − |Ŝ|‖ / ‖|S|‖  +  mean |ln|S| − ln|Ŝ||            norms and means over channels, bins and frames

where powers |S|² are not below 1e-7, of spectra that are not scaled.

Source: Yamamoto et al., "Parallel WaveGAN", ICASSP 2020; the floor is that of the best known implementation. Differs from
it: the first term, which has no meaning where the reference is silent and would outweigh all else, is left out there.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.losses.options import LossOptions
from auralflow.losses.pair import Pair
from auralflow.losses.sound import resolutions
from auralflow.losses.term import mean_of_targets
from auralflow.shapes import Magnitudes, StemSpectrum

__all__ = ["multi_resolution_stft_term"]

_FLOOR = 1e-7


def multi_resolution_stft_term(pair: Pair, options: LossOptions) -> Float[Tensor, "B S"]:
    """`multi-resolution-stft` of the catalogue."""
    costs = []
    for resolution in resolutions(options.multi_resolution_stft):
        # Spectra are scaled by 1/√num_fft: the floor is too.
        floor = _FLOOR / resolution.num_fft
        estimate, reference = (
            _magnitude(sound.spectrum(resolution), floor)
            for sound in (pair.estimate, pair.reference)
        )
        factor = mean_of_targets((estimate.log() - reference.log()).abs())
        costs.append(_missed(estimate, reference, floor) + factor)
    return torch.stack(costs).mean(0)


def _magnitude(spectrum: StemSpectrum, floor: float) -> Magnitudes:
    parts = torch.view_as_real(spectrum)
    return parts.square().sum(-1).clamp_min(floor).sqrt()


def _missed(estimate: Magnitudes, reference: Magnitudes, floor: float) -> Float[Tensor, "B S"]:
    """Spectral convergence."""
    heard = (reference.square() > 1.01 * floor).flatten(2).any(-1)
    ratio = mean_of_targets((estimate - reference).square()) / mean_of_targets(reference.square())
    # The root has no slope where nothing is missed; a ratio of 1e-12 is as good as none.
    return heard * (ratio.clamp_min(1e-12).sqrt())
