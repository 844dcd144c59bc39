"""The keys under `loss-options`; without torch, for help texts."""

from typing import Annotated

from annotated_types import Ge, Gt, Le, Lt
from pydantic import ConfigDict, ValidationInfo, field_validator

from auralflow.config import Config

__all__ = [
    "ComponentOptions",
    "L1SnrOptions",
    "LogMagnitudeOptions",
    "LossOptions",
    "MultiL1SnrOptions",
    "MultiResolutionStftOptions",
    "ResolutionOptions",
    "SmoothL1Options",
]

Samples = tuple[Annotated[int, Gt(0)], ...]
Share = Annotated[float, Ge(0), Le(1)]


class SmoothL1Options(Config):
    """The losses smooth-l1 and smooth-l1-…."""

    knee: Annotated[float, Gt(0)] = 0.1
    """Size of a difference from which on it counts linearly; smaller ones count quadratically."""


class LogMagnitudeOptions(Config):
    """The losses …-log-magnitude."""

    floor: Annotated[float, Gt(0)] = 1e-4
    """Added to magnitudes before their logarithm is taken, so that silence has one."""


class L1SnrOptions(Config):
    """The loss l1-snr."""

    floor: Annotated[float, Gt(0)] = 1e-3
    """Added to the mean absolute values of error and reference; quieter stems hardly count."""
    level_matched: bool = False
    """Also compare the levels of estimate and reference in decibels, so that a network does not settle for silence."""
    least_level_weight: Annotated[float, Ge(0)] = 0.1
    """Weight of that comparison where the estimate is loud enough."""
    extra_level_weight: Annotated[float, Ge(0)] = 0.9
    """Added to the weight as far as the estimate is too quiet."""
    quietest_db: Annotated[float, Lt(0)] = -60.0
    """References below this level, in decibels of full scale, count as silent: their weight stays the least."""


class ResolutionOptions(Config):
    """Short-time Fourier transforms, one for each place of the three lists."""

    # Lists bind one another, so a default is checked too: it may not fit what else was given.
    model_config = ConfigDict(validate_default=True)

    num_fft: Samples
    """Sizes of the transforms, in samples."""
    hop_length: Samples
    """Hops of the transforms, in samples."""
    window_size: Samples
    """Window sizes of the transforms, in samples."""

    @field_validator("window_size")
    @classmethod
    def _fit(cls, windows: Samples, info: ValidationInfo) -> Samples:
        """Refuse lists that do not make transforms."""
        sizes, hops = (info.data.get(key, windows) for key in ("num_fft", "hop_length"))
        if not windows or not len(windows) == len(sizes) == len(hops):
            raise ValueError("must be as long as num-fft and hop-length, and hold a size at least")
        if any(window > size for window, size in zip(windows, sizes, strict=True)):
            raise ValueError("must not be above num-fft anywhere")
        if (
            any(hop >= window for window, hop in zip(windows, hops, strict=True))
            and hops != windows
        ):
            raise ValueError(
                "must be above hop-length everywhere, or samples between windows are lost"
            )
        return windows


class MultiL1SnrOptions(L1SnrOptions, ResolutionOptions):
    """The loss multi-l1-snr."""

    num_fft: Samples = (2048,)
    """Sizes of the transforms, in samples."""
    hop_length: Samples = (512,)
    """Hops of the transforms, in samples."""
    window_size: Samples = (2048,)
    """Window sizes of the transforms, in samples."""
    spectral_weight: Share = 0.5
    """Weight of the spectrum, real and imaginary part each; that of the waveform is the rest to 1."""


class MultiResolutionStftOptions(ResolutionOptions):
    """The loss multi-resolution-stft."""

    num_fft: Samples = (1024, 2048, 512)
    """Sizes of the transforms, in samples."""
    hop_length: Samples = (120, 240, 50)
    """Hops of the transforms, in samples."""
    window_size: Samples = (600, 1200, 240)
    """Window sizes of the transforms, in samples."""


class ComponentOptions(Config):
    """The loss component."""

    model_config = ConfigDict(validate_default=True)

    alpha: Share = 0.1
    """Weight of how loud the residual still is behind the mask."""
    beta: Share = 0.8
    """Weight of how much the mask changes the residual's shape; 1 − alpha − beta is that of the target."""

    @field_validator("beta")
    @classmethod
    def _leave_a_share(cls, beta: float, info: ValidationInfo) -> float:
        alpha = info.data.get("alpha", 0.0)
        if alpha + beta >= 1:
            raise ValueError(
                f"must leave the target a weight: below 1 with alpha, which is {alpha:g}"
            )
        return beta


class LossOptions(Config):
    """How the losses are computed."""

    permutation_invariant: bool = False
    """Compare the targets in whichever order fits best, for each item: for targets that are alike, such as two voices."""
    smooth_l1: SmoothL1Options = SmoothL1Options.defaults()
    log_magnitude: LogMagnitudeOptions = LogMagnitudeOptions.defaults()
    l1_snr: L1SnrOptions = L1SnrOptions.defaults()
    multi_l1_snr: MultiL1SnrOptions = MultiL1SnrOptions.defaults()
    multi_resolution_stft: MultiResolutionStftOptions = MultiResolutionStftOptions.defaults()
    component: ComponentOptions = ComponentOptions.defaults()
