"""Oracles that multiply the mixture's spectrogram with a mask."""

from auralflow.shapes import Spectrum, StemSpectrum

__all__ = ["binary_mask", "ratio_mask"]

_TINY = 1e-12


def ratio_mask(sources: StemSpectrum, mixture: Spectrum) -> StemSpectrum:
    """Each source's share of the sum of all magnitudes, times the mixture: the ideal ratio mask with exponent 1.

    Source: IRM1 of Stöter, Liutkus, Ito, "The 2018 Signal Separation Evaluation Campaign", LVA/ICA 2018.
    """
    magnitudes = sources.abs()
    return magnitudes / (magnitudes.sum(1, keepdim=True) + _TINY) * mixture.unsqueeze(1)


def binary_mask(sources: StemSpectrum, mixture: Spectrum) -> StemSpectrum:
    """The mixture where a source has at least half of its magnitude, and nothing elsewhere: the ideal binary mask.

    Two sources may both have a bin, and so may none.

    Source: IBM1 of Stöter, Liutkus, Ito, "The 2018 Signal Separation Evaluation Campaign", LVA/ICA 2018.
    """
    heard = mixture.unsqueeze(1)
    return (sources.abs() / (heard.abs() + _TINY) >= 0.5) * heard
