"""The visible list of losses: a name for the configuration, what it is for people, and its cost of each target."""

from collections.abc import Mapping
from dataclasses import dataclass

from auralflow.errors import ConfigError
from auralflow.losses.component import component_term
from auralflow.losses.distances import distance
from auralflow.losses.l1_snr import l1_snr_term, multi_l1_snr_term
from auralflow.losses.log_wmse import log_wmse_term
from auralflow.losses.mask import mask_term
from auralflow.losses.multi_resolution_stft import multi_resolution_stft_term
from auralflow.losses.names import LossName, parse_loss
from auralflow.losses.options import LossOptions
from auralflow.losses.signal_ratios import sdr_term, si_sdr_term
from auralflow.losses.term import Term
from auralflow.losses.weighted import WeightedLoss

__all__ = ["LOSSES", "LossKind", "create_loss"]


@dataclass(frozen=True)
class LossKind:
    """One loss."""

    term: Term
    explanation: str
    """What it is, on one line."""
    best: float | None = 0.0
    """Its value for a perfect estimate; None where that depends on the music."""


LOSSES: dict[LossName, LossKind] = {
    "l1": LossKind(
        distance("l1", "values"), "mean absolute difference of what the network computes in"
    ),
    "l2": LossKind(distance("l2", "values"), "mean squared difference of the same"),
    "smooth-l1": LossKind(
        distance("smooth-l1", "values"),
        "squared below `smooth-l1.knee`, absolute above, of the same",
    ),
    "l1-waveform": LossKind(distance("l1", "waveform"), "mean absolute difference of samples"),
    "l2-waveform": LossKind(distance("l2", "waveform"), "mean squared difference of samples"),
    "smooth-l1-waveform": LossKind(
        distance("smooth-l1", "waveform"), "squared below the knee, absolute above, of samples"
    ),
    "l1-magnitude": LossKind(distance("l1", "magnitude"), "mean absolute difference of magnitudes"),
    "l2-magnitude": LossKind(distance("l2", "magnitude"), "mean squared difference of magnitudes"),
    "smooth-l1-magnitude": LossKind(
        distance("smooth-l1", "magnitude"), "squared below the knee, absolute above, of magnitudes"
    ),
    "l1-log-magnitude": LossKind(
        distance("l1", "log-magnitude"), "mean absolute difference of log magnitudes"
    ),
    "l2-log-magnitude": LossKind(
        distance("l2", "log-magnitude"), "mean squared difference of log magnitudes"
    ),
    "smooth-l1-log-magnitude": LossKind(
        distance("smooth-l1", "log-magnitude"),
        "squared below the knee, absolute above, of log magnitudes",
    ),
    "l1-complex": LossKind(
        distance("l1", "complex"), "mean modulus of the difference of complex spectra"
    ),
    "l2-complex": LossKind(distance("l2", "complex"), "mean squared modulus of the same"),
    "smooth-l1-complex": LossKind(
        distance("smooth-l1", "complex"), "squared below the knee, absolute above, of that modulus"
    ),
    "si-sdr": LossKind(si_sdr_term, "minus the SI-SDR in dB: any level is right", best=None),
    "sdr": LossKind(sdr_term, "minus the SDR in dB", best=None),
    "l1-snr": LossKind(l1_snr_term, "absolute error over absolute value, in dB", best=None),
    "multi-l1-snr": LossKind(
        multi_l1_snr_term, "the same of samples, real and imaginary parts of spectra", best=None
    ),
    "multi-resolution-stft": LossKind(
        multi_resolution_stft_term,
        "spectral convergence and log magnitudes at several resolutions",
        best=1e-6,
    ),
    "mask": LossKind(
        mask_term, "mean squared difference from the ideal ratio mask, loud or quiet", best=None
    ),
    "component": LossKind(
        component_term,
        "what a mask does to the target, to the level and to the shape of the rest",
        best=None,
    ),
    "log-wmse": LossKind(
        log_wmse_term,
        "logarithm of the error as heard, over the mixture; for silent stems",
        best=None,
    ),
}


def create_loss(
    value: str | Mapping[str, float], options: LossOptions | None = None
) -> WeightedLoss:
    """The loss that the key `loss` names: one, or several with weights; names in upper or lower case.

    Raises `ConfigError` for unknown names and for weights that are not above zero.
    """
    try:
        weights = parse_loss(value)
    except ValueError as error:
        raise ConfigError(f"loss is {value!r}, but {error}: change it") from error
    terms = {name: LOSSES[name].term for name in weights}
    return WeightedLoss(terms, weights, options or LossOptions())
