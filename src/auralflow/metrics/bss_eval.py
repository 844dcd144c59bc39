"""BSSEval version 4: what of an estimate is its source, what is another source, and what is neither.

Every source has an image s_j in all channels. Its estimate ŝ_j is projected on what filters of 512 samples can make of
s_j alone, and of all sources together; the filters are found once for the whole track. In each frame

    ŝ_j  =  s_j  +  (p_j − s_j)  +  (p − p_j)  +  (ŝ_j − p)        p_j, p: both projections
            image   spatial error   interference   artefacts

and the ratios of energies are

    SDR  s_j : ŝ_j − s_j      ISR  s_j : p_j − s_j      SIR  p_j : p − p_j      SAR  p : ŝ_j − p

Source: Vincent, Gribonval and Févotte, "Performance measurement in blind audio source separation", IEEE TASLP, 2006, and
Stöter, Liutkus and Ito, "The 2018 signal separation evaluation campaign", LVA/ICA 2018; conventions of museval 0.4.1.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from auralflow.errors import ModelError
from auralflow.metrics.bss_eval_filters import (
    Correlations,
    correlate,
    distinct_channels,
    projection_filters,
)
from auralflow.metrics.bss_eval_frames import frame_ratios
from auralflow.metrics.sums import is_silent

__all__ = ["BSSEval", "bss_eval"]

_BLOCK = 2**16
"""Samples looked at at once."""


class BSSEval(NamedTuple):
    """The four ratios of each source in each frame, in dB; higher is better. Frames that do not count are NaN."""

    sdr: Float[Tensor, "S N"]
    """Image over all errors together."""
    isr: Float[Tensor, "S N"]
    """Image over spatial error: wrong level, panning or colour of the source itself."""
    sir: Float[Tensor, "S N"]
    """Source over interference: how well the other sources are kept out."""
    sar: Float[Tensor, "S N"]
    """All sources over artefacts: what no source explains."""


def bss_eval(
    estimate: Float[np.ndarray, "S C T"] | Float[Tensor, "S C T"],
    reference: Float[np.ndarray, "S C T"] | Float[Tensor, "S C T"],
    *,
    frame: int,
    hop: int | None = None,
    filter_length: int = 512,
) -> BSSEval:
    """BSSEval version 4 of one track, with frames of `frame` samples every `hop`, by default side by side.

    A frame in which the reference or the estimate of any source is silent counts for none of them. A source that is
    silent throughout is left out, and the others are measured as if it had not been asked for; museval refuses such a
    track. Samples after the last full frame count for the filters only, and a track shorter than a frame is one frame.
    Without an error of its kind a ratio is +inf, or so large that it is rounding alone, beyond 200 dB.

    Computed in float64 on the device of the audio. What is held beside the audio does not grow with the track: the
    spectra of a few frames, and the matrix of the filters with (sources · channels · `filter_length`)² numbers.

    Raises `ModelError` for shapes that do not fit, empty audio, and audio that is not finite.
    """
    estimates, references = _audio(estimate), _audio(reference)
    hop = frame if hop is None else hop
    _check(estimates, references, frame=frame, hop=hop, filter_length=filter_length)
    frame = min(frame, references.shape[-1])
    starts = range(0, references.shape[-1] - frame + 1, hop)
    shape = (4, len(references), len(starts))
    ratios = torch.full(shape, torch.nan, dtype=torch.float64, device=references.device)
    present = ~(_silent_throughout(references) | _silent_throughout(estimates))
    if present.any():
        if not present.all():
            estimates, references = estimates[present], references[present]
        ratios[:, present] = frame_ratios(
            estimates,
            references,
            *_filters(estimates, references, filter_length),
            starts=starts,
            frame=frame,
        )
    return BSSEval(*ratios)


def _filters(
    estimate: Float[Tensor, "S C T"], reference: Float[Tensor, "S C T"], length: int
) -> tuple[Float[Tensor, "S C C L"], Float[Tensor, "S C SC L"]]:
    """To each channel of an estimate from its own reference's channels, and from those of all references."""
    sources, channels, _ = reference.shape
    every = reference.flatten(0, 1)
    correlations = correlate(estimate.flatten(0, 1), every, length)
    _check_finite(correlations)
    own = [
        projection_filters(
            correlations.of(slice(source * channels, (source + 1) * channels)),
            distinct_channels(reference[source]),
        )
        for source in range(sources)
    ]
    together = projection_filters(correlations, distinct_channels(every))
    return torch.stack(own), together.unflatten(0, (sources, channels))


def _audio(audio: Float[np.ndarray, "S C T"] | Float[Tensor, "S C T"]) -> Float[Tensor, "S C T"]:
    """As a tensor that shares the memory where it can; where float64 exists, which Apple's GPU has not."""
    tensor = audio.detach() if isinstance(audio, Tensor) else torch.as_tensor(np.asarray(audio))
    return tensor.cpu() if tensor.device.type == "mps" else tensor


def _silent_throughout(audio: Float[Tensor, "S C T"]) -> Bool[Tensor, " S"]:
    """Which sources are never heard, by `is_silent`: from blocks, for all at once would be a copy of the track."""
    silent = torch.ones(len(audio), dtype=torch.bool, device=audio.device)
    for block in audio.split(_BLOCK, -1):
        silent &= is_silent(block)
        if not silent.any():
            break
    return silent


def _check(estimate: Tensor, reference: Tensor, **lengths: int) -> None:
    if estimate.shape != reference.shape or reference.ndim != 3 or not reference.numel():
        raise ModelError(
            f"the estimate has shape {tuple(estimate.shape)} and the reference {tuple(reference.shape)}: give "
            "(sources, channels, samples) twice, with one sample or more"
        )
    for name, length in lengths.items():
        if length < 1:
            raise ModelError(f"{name} is {length}: give one sample or more")


def _check_finite(correlations: Correlations) -> None:
    """One sample that is not finite leaves no product finite; so all need not be looked at."""
    for name, products in (
        ("reference", correlations.reference),
        ("estimate", correlations.estimate),
    ):
        if not torch.isfinite(products).all():
            raise ModelError(
                f"the {name} holds NaN or infinity: train with a lower lr, or look for NaN in the audio"
            )
