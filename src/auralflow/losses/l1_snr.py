"""The L1 signal-to-noise ratio, of the waveform or of waveform and spectrum, with or without matching levels.

    D(ŝ, s) = 10 log10 (|ŝ − s| + ε) / (|s| + ε)                     |·| means over channels and samples

`l1-snr` is D of the waveform. `multi-l1-snr` is

    (1 − w) D(waveform) + w (D(real part) + D(imaginary part))        the spectra's windows have the norm 1

the latter averaged over the resolutions. Level-matched, each gains λ |L̂ − L| of the waveform, where L is the level
10 log10 (s² + 1e-8), and λ rises from λ₀ to λ₀ + Δλ as the estimate of an audible stem gets too quiet:

    λ = λ₀ + Δλ · min(1, (L − L̂) / (L − L_min))    where L > max(L̂, L_min), else λ₀; no gradient flows through it

Sources: Watcharasupat et al., "A Generalized Bandsplit Neural Network for Cinematic Audio Source Separation", OJSP 2024
(D); Watcharasupat and Lerch, "A Stem-Agnostic Single-Decoder System", ISMIR 2024 (the sum over domains: w = ½ weighs
the three alike); the same, "Separate This, and All of These Things Around It", 2025 (levels; it names no values for λ₀,
Δλ and L_min: those of the package torch-l1-snr are taken). As in the authors' code, |·| are means where the papers write
sums; here they are of each target by itself.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.losses.options import L1SnrOptions, LossOptions
from auralflow.losses.pair import Pair
from auralflow.losses.sound import resolutions
from auralflow.losses.term import decibels, mean_of_targets
from auralflow.shapes import Stems

__all__ = ["l1_noise_ratio", "l1_snr_term", "level_mismatch", "multi_l1_snr_term"]

_SILENT_POWER = 1e-8


def l1_noise_ratio(
    estimate: Float[Tensor, "B S ..."], reference: Float[Tensor, "B S ..."], *, floor: float
) -> Float[Tensor, "B S"]:
    """Mean absolute error over mean absolute value of each stem, in dB."""
    error, signal = (estimate - reference).abs(), reference.abs()
    return decibels(mean_of_targets(error) + floor, mean_of_targets(signal) + floor)


def level_mismatch(
    estimate: Stems, reference: Stems, options: L1SnrOptions
) -> Float[Tensor, "B S"]:
    """The weighted distance between the levels of estimate and reference, in dB."""
    found, wanted = _level_db(estimate), _level_db(reference)
    apart = (found - wanted).abs()
    with torch.no_grad():
        quietest = options.quietest_db
        heard = wanted > found.clamp_min(quietest)
        lack = (apart / (wanted - quietest).clamp_min(1e-6)).clamp(max=1)
        weight = options.least_level_weight + options.extra_level_weight * lack * heard
    return weight * apart


def _level_db(audio: Stems) -> Float[Tensor, "B S"]:
    return 10 * (mean_of_targets(audio.square()) + _SILENT_POWER).log10()


def _of_waveform(pair: Pair, options: L1SnrOptions) -> Float[Tensor, "B S"]:
    estimate, reference = pair.estimate.waveform, pair.reference.waveform
    ratio = l1_noise_ratio(estimate, reference, floor=options.floor)
    if not options.level_matched:
        return ratio
    return ratio + level_mismatch(estimate, reference, options)


def l1_snr_term(pair: Pair, options: LossOptions) -> Float[Tensor, "B S"]:
    """`l1-snr` of the catalogue."""
    return _of_waveform(pair, options.l1_snr)


def multi_l1_snr_term(pair: Pair, options: LossOptions) -> Float[Tensor, "B S"]:
    """`multi-l1-snr` of the catalogue."""
    chosen = options.multi_l1_snr
    ratios = []
    for resolution in resolutions(chosen):
        estimate, reference = (
            torch.view_as_real(sound.spectrum(resolution))
            for sound in (pair.estimate, pair.reference)
        )
        # Spectra are scaled by 1/√num_fft, and a Hann window's squares add up to ⅜ of its size.
        scale = (resolution.num_fft / (0.375 * resolution.window_size)) ** 0.5
        ratios += [
            l1_noise_ratio(estimate[..., part], reference[..., part], floor=chosen.floor / scale)
            for part in (0, 1)
        ]
    spectral = torch.stack(ratios).mean(0) * 2
    weight = chosen.spectral_weight
    return (1 - weight) * _of_waveform(pair, chosen) + weight * spectral
