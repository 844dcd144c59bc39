"""The energies of BSSEval's four parts, frame by frame.

A frame is projected by itself, as if all around it were silent, and the filters' echoes after its end count. All of
that is a product of spectra, and an energy is the same in spectrum and waveform (Parseval), so nothing is transformed
back.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Complex, Float
from torch import Tensor
from torch.linalg import vecdot

from auralflow.metrics.bss_eval_filters import fft_length
from auralflow.metrics.sums import is_silent

__all__ = ["frame_ratios"]

_BATCH = 2**17
"""Samples of each channel that are transformed at once."""
_GLANCE = 256
"""Samples that tell of most frames that they are not silent."""


def frame_ratios(
    estimate: Float[Tensor, "S C T"],
    reference: Float[Tensor, "S C T"],
    own: Float[Tensor, "S C C L"],
    every: Float[Tensor, "S C SC L"],
    *,
    starts: Sequence[int],
    frame: int,
) -> Float[Tensor, "4 S N"]:
    """SDR, ISR, SIR and SAR in dB of the frames that begin at `starts`.

    `own` are the filters to each channel of an estimate from the channels of its own reference, `every` those from all
    references. Frames with a silent source are NaN, as `bss_eval` says.
    """
    size = fft_length(frame + own.shape[-1] - 1)
    own_spectra, every_spectra = torch.fft.rfft(own, size), torch.fft.rfft(every, size)
    together = max(1, _BATCH // frame)
    parts = []
    for first in range(0, len(starts), together):
        batch = starts[first : first + together]
        estimates, references = (
            torch.stack([audio[..., start : start + frame] for start in batch]).double()
            for audio in (estimate, reference)
        )
        ratios = _ratios(estimates, references, own_spectra, every_spectra, size)
        counts = ~(_silent(references) | _silent(estimates)).any(-1, keepdim=True)
        parts.append(torch.where(counts, ratios, torch.nan))
    return torch.cat(parts, 1).movedim(1, 2)


def _silent(audio: Float[Tensor, "N S C W"]) -> Bool[Tensor, "N S"]:
    """As `is_silent`, which looks at every sample, where most frames are heard at once."""
    silent = is_silent(audio[..., :_GLANCE])
    return is_silent(audio) if silent.any() else silent


def _ratios(
    estimate: Float[Tensor, "N S C W"],
    reference: Float[Tensor, "N S C W"],
    own: Complex[Tensor, "S C C F"],
    every: Complex[Tensor, "S C SC F"],
    size: int,
) -> Float[Tensor, "4 N S"]:
    image = _sum_of_squares(reference)
    error = _sum_of_squares(estimate - reference)
    images = torch.fft.rfft(reference, size)
    own_projection = _filtered(images[:, :, None], own)
    projection = _filtered(images.flatten(1, 2)[:, None, None], every)
    images -= own_projection
    spatial = _energy(images, size)
    source = _energy(own_projection, size)
    everything = _energy(projection, size)
    own_projection -= projection
    interference = _energy(own_projection, size)
    projection -= torch.fft.rfft(estimate, size)
    artefacts = _energy(projection, size)
    return torch.stack(
        [
            _decibels(image, error),
            _decibels(image, spatial),
            _decibels(source, interference),
            _decibels(everything, artefacts),
        ]
    )


def _filtered(
    spectra: Complex[Tensor, "N *#S #C K F"], filters: Complex[Tensor, "*S C K F"]
) -> Complex[Tensor, "N S C F"]:
    """The sum over K of spectra times filters."""
    total = spectra[..., 0, :] * filters[..., 0, :]
    for channel in range(1, filters.shape[-2]):
        total.addcmul_(spectra[..., channel, :], filters[..., channel, :])
    return total


def _energy(spectra: Complex[Tensor, "N S C F"], size: int) -> Float[Tensor, "N S"]:
    """The sum over channels and samples of the squared waveform, whose even length is `size`.

    All bins stand for two but for the first and the last.
    """
    every, ends = (
        _sum_of_squares(torch.view_as_real(part).flatten(-2))
        for part in (spectra, spectra[..., [0, -1]])
    )
    return (2 * every - ends) / size


def _sum_of_squares(values: Float[Tensor, "N S C T"]) -> Float[Tensor, "N S"]:
    flat = values.flatten(-2)
    total: Tensor = vecdot(flat, flat)
    return total


def _decibels(wanted: Float[Tensor, "N S"], error: Float[Tensor, "N S"]) -> Float[Tensor, "N S"]:
    return torch.where(error > 0, 10 * torch.log10(wanted / error), torch.inf)
