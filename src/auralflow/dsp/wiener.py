"""The multichannel Wiener filter: spectra of sources that share a mixture, from how loud each of them is."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from auralflow.shapes import Magnitudes, Spectrum, StemSpectrum

__all__ = ["WINDOW", "wiener"]

WINDOW = 300
"""Frames in which sources are taken to keep their place, unless another number is given."""

_LOUDEST = 10.0
"""Largest magnitude that the filter sees; the two numbers below are relative to it."""
_POWER_FLOOR = 1e-10
_NOISE_FLOOR = 1e-5
"""Power of the noise that is taken to be in each channel beside the sources, so that no model is singular."""
_SILENCE = 1e-20
_POINTS = 2**15
"""Bins times frames that are filtered together: few, so that results in between stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class _Split:
    """Complex numbers as two tensors: arithmetic is twice as fast as on tensors of pairs."""

    real: Tensor
    imag: Tensor

    def __add__(self, other: "_Split") -> "_Split":
        return _Split(self.real + other.real, self.imag + other.imag)

    def __sub__(self, other: "_Split") -> "_Split":
        return _Split(self.real - other.real, self.imag - other.imag)

    def __mul__(self, other: "_Split") -> "_Split":
        return _Split(
            torch.addcmul(self.real * other.real, self.imag, other.imag, value=-1.0),
            torch.addcmul(self.real * other.imag, self.imag, other.real),
        )

    def times_conjugate(self, other: "_Split") -> "_Split":
        """The product with the other's complex conjugate."""
        return _Split(
            torch.addcmul(self.real * other.real, self.imag, other.imag),
            torch.addcmul(self.imag * other.real, self.real, other.imag, value=-1.0),
        )

    def scaled(self, factor: Tensor) -> "_Split":
        """The product with real numbers."""
        return _Split(self.real * factor, self.imag * factor)

    def power(self) -> Tensor:
        """Squared magnitudes."""
        return torch.addcmul(self.real * self.real, self.imag, self.imag)

    def each(self, change: Callable[[Tensor], Tensor]) -> "_Split":
        """A real linear function of both parts."""
        return _Split(change(self.real), change(self.imag))


def wiener(
    magnitudes: Magnitudes,
    mixture: Spectrum,
    *,
    iterations: int,
    softmask: bool,
    residual: bool,
    window: int = WINDOW,
) -> StemSpectrum:
    """Spectra of sources whose magnitudes are given, after so many steps of expectation maximisation.

    The first estimate has the magnitudes and the mixture's phase; with `softmask` it is each source's share of the
    mixture. With `residual` what is then left of the mixture is one more source, the last. Each step takes a source for
    Gaussian noise, whose power changes with bin and frame, while in a bin its covariance between channels stays for
    `window` frames (0: for all). It learns both from the last estimate and separates the mixture anew.

    Spectra are those of an unscaled transform of audio between -1 and 1: there is a floor of noise, and an absolute
    one. Silence stays silent. Wherever the device can, steps are computed in float64: where channels are nearly
    the same, their covariance is nearly singular.

    Source: Nugraha, Liutkus, Vincent, "Multichannel Music Separation with Deep Neural Networks", EUSIPCO 2016, with the
    simplified update of covariances in `openunmix.filtering` 1.3.0 (MIT licence), whose numbers these are. Differs from
    it: where mixture and magnitudes are zero, so is the residual (there it is 1); any number of channels.
    """
    batch, sources, channels, bins, frames = magnitudes.shape
    size = window or frames
    some_bins = max(1, _POINTS // min(size, frames))
    # Bins lie next to one another in memory, as the Fourier transform leaves them and wants them back.
    refined = mixture.new_empty(batch, sources + residual, channels, frames, bins).mT
    for start in range(0, frames, size):
        loud = magnitudes[..., start : start + size].mT
        heard = mixture[..., start : start + size].mT
        level = (heard.abs().amax((1, 2, 3), keepdim=True) / _LOUDEST).clamp_min(1.0)
        parts = [slice(low, low + some_bins) for low in range(0, bins, some_bins)]
        blocks = (
            _filtered(
                loud[..., part],
                heard[..., part],
                level,
                iterations=iterations,
                softmask=softmask,
                residual=residual,
            )
            for part in parts
        )
        window_of = refined[..., start : start + size]
        if magnitudes.requires_grad:
            # Each piece that is written costs a copy of the whole on the way back.
            window_of.copy_(torch.cat(list(blocks), dim=-1).mT)
        else:
            for part, block in zip(parts, blocks, strict=True):
                window_of[..., part, :] = block.mT
    return refined


def _filtered(
    magnitudes: Tensor,
    mixture: Tensor,
    level: Tensor,
    *,
    iterations: int,
    softmask: bool,
    residual: bool,
) -> Tensor:
    """Spectra `B S C N F` of some bins of one window; `level` is what they are divided by on the way."""
    # Apple's GPUs have no float64, and without steps there is no need for it.
    simple = iterations == 0 or mixture.device.type == "mps"
    exact = magnitudes.dtype if simple else torch.float64
    level = level.to(exact)
    source_level = level.unsqueeze(1)
    heard = _Split(mixture.real.to(exact), mixture.imag.to(exact)).scaled(1 / level)
    loud = magnitudes.to(exact) / source_level
    if softmask:
        share = loud / (loud.sum(1, keepdim=True) + _POWER_FLOOR / source_level)
        estimate = heard.each(_for_each_source).scaled(share)
    else:
        estimate = _phase(heard).each(_for_each_source).scaled(loud)
    if residual:
        rest = heard - estimate.each(lambda part: part.sum(1))
        estimate = _Split(
            torch.cat([estimate.real, rest.real.unsqueeze(1)], dim=1),
            torch.cat([estimate.imag, rest.imag.unsqueeze(1)], dim=1),
        )
    step = _STEPS.get(mixture.shape[1], _general_step)
    for _ in range(iterations):
        estimate = step(estimate, heard)
    refined = estimate.scaled(source_level)
    return torch.complex(refined.real, refined.imag).to(mixture.dtype)


def _for_each_source(part: Tensor) -> Tensor:
    return part.unsqueeze(1)


def _sum_frames(part: Tensor) -> Tensor:
    return part.sum(-2, keepdim=True)


def _phase(spectrum: _Split) -> _Split:
    """Numbers of magnitude 1, and 1 for silence, in a way that has a gradient there too."""
    silent = spectrum.real.abs() + spectrum.imag.abs() < _SILENCE
    real = torch.where(silent, 1.0, spectrum.real)
    return _Split(real, spectrum.imag).scaled(1 / torch.hypot(real, spectrum.imag))


def _mono_step(estimate: _Split, mixture: _Split) -> _Split:
    """One channel: a covariance is a number, which is one but for the floor."""
    power = estimate.power()
    total = _sum_frames(power)
    model = power * (total / (total + _POWER_FLOOR))
    gain = model / (model.sum(1, keepdim=True) + _NOISE_FLOOR)
    return mixture.each(_for_each_source).scaled(gain)


def _stereo_step(estimate: _Split, mixture: _Split) -> _Split:
    """Two channels: covariances are Hermitian, [[left, cross], [cross*, right]], and have a closed inverse."""
    left, right = (
        _Split(*parts)
        for parts in zip(estimate.real.unbind(2), estimate.imag.unbind(2), strict=True)
    )
    left_power, right_power = left.power(), right.power()
    power = 0.5 * (left_power + right_power)
    weight = 1 / (_sum_frames(power) + _POWER_FLOOR)
    left_own = _sum_frames(left_power) * weight
    right_own = _sum_frames(right_power) * weight
    cross = left.times_conjugate(right).each(_sum_frames).scaled(weight)

    # The mixture without its covariance: (Σ power · covariance + floor)⁻¹ · mixture.
    left_sum, right_sum = (power * left_own).sum(1), (power * right_own).sum(1)
    cross_sum = _Split((power * cross.real).sum(1), (power * cross.imag).sum(1))
    # Of the determinant's terms only the first can be below zero, and only by rounding.
    determinant = torch.addcmul(-cross_sum.power(), left_sum, right_sum).clamp_min(0.0)
    determinant = determinant + _NOISE_FLOOR * (left_sum + right_sum + _NOISE_FLOOR)
    left_heard, right_heard = (
        _Split(*parts) for parts in zip(mixture.real.unbind(1), mixture.imag.unbind(1), strict=True)
    )
    left_white = left_heard.scaled(right_sum + _NOISE_FLOOR) - cross_sum * right_heard
    right_white = right_heard.scaled(left_sum + _NOISE_FLOOR) - left_heard.times_conjugate(
        cross_sum
    )
    left_white = left_white.scaled(1 / determinant).each(_for_each_source)
    right_white = right_white.scaled(1 / determinant).each(_for_each_source)

    left = (left_white.scaled(left_own) + cross * right_white).scaled(power)
    right = (right_white.scaled(right_own) + left_white.times_conjugate(cross)).scaled(power)
    return _Split(
        torch.stack([left.real, right.real], dim=2), torch.stack([left.imag, right.imag], dim=2)
    )


def _general_step(estimate: _Split, mixture: _Split) -> _Split:
    """Any number of channels, with complex matrices."""
    sources = torch.complex(estimate.real, estimate.imag)
    heard = torch.complex(mixture.real, mixture.imag)
    power = estimate.power().mean(2)
    weight = power.sum(-2) + _POWER_FLOOR
    moments = torch.einsum("bscnf,bsdnf->bsfcd", sources, sources.conj())
    covariance = moments / weight[..., None, None]
    model = torch.einsum("bsnf,bsfcd->bnfcd", power.to(sources.dtype), covariance)
    floor = _NOISE_FLOOR * torch.eye(heard.shape[1], dtype=sources.dtype, device=sources.device)
    white = torch.linalg.solve(model + floor, heard.permute(0, 2, 3, 1))
    filtered = torch.einsum("bsfcd,bnfd->bscnf", covariance, white) * power.unsqueeze(2)
    return _Split(filtered.real, filtered.imag)


_STEPS = {1: _mono_step, 2: _stereo_step}
"""By number of channels: from estimates `B S C N F` and the mixture `B C N F` to the next estimates."""
