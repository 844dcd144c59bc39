"""The sums that every metric here is made of.

They add up over blocks, so a track of any length is measured in constant memory. The error ŝ − s has sums of its own,
though they follow from the others on paper: a small error as the difference of large sums would have no digits left.
"""

from typing import NamedTuple

from jaxtyping import Bool, Float
from torch import Tensor
from torch.linalg import vecdot

__all__ = ["Sums", "audio_sums", "frames_that_count", "is_silent"]


class Sums(NamedTuple):
    """Sums over channels and samples in float64, of the reference s, the estimate ŝ and the error e = ŝ − s."""

    reference: Float[Tensor, "*B"]
    """Σ s²"""
    estimate: Float[Tensor, "*B"]
    """Σ ŝ²"""
    error: Float[Tensor, "*B"]
    """Σ e²"""
    estimate_product: Float[Tensor, "*B"]
    """Σ s ŝ"""
    error_product: Float[Tensor, "*B"]
    """Σ s e"""


def audio_sums(estimate: Float[Tensor, "*B C T"], reference: Float[Tensor, "*#B C T"]) -> Sums:
    """The sums of each leading item, channels together; leading axes broadcast.

    Computed in float64: in float32 the decibels would be off in the third decimal.
    """
    truth, guess = _double(reference), _double(estimate)
    error = guess - truth
    pairs = ((truth, truth), (guess, guess), (error, error), (truth, guess), (truth, error))
    return Sums(*(vecdot(one.flatten(-2), other.flatten(-2)) for one, other in pairs))


def is_silent(audio: Float[Tensor, "*B C T"]) -> Bool[Tensor, "*B"]:
    """Whether the sum over channels is exactly zero at every sample.

    That is museval 0.4.1's rule, kept to the letter: stereo in perfect antiphase is silent too.
    """
    return (_double(audio).sum(-2) == 0).all(-1)


def frames_that_count(
    reference_silent: Bool[Tensor, "*B S N"], estimate_silent: Bool[Tensor, "*B S N"]
) -> Bool[Tensor, "*B S N"]:
    """Which frames of each source BSSEval v4 measures.

    A frame in which the reference or the estimate of any source is silent counts for none of them. museval refuses a
    track of which one source is silent throughout; here that source alone is left out, and the others are measured as
    if it had not been asked for.
    """
    absent = reference_silent.all(-1, keepdim=True) | estimate_silent.all(-1, keepdim=True)
    silent = (reference_silent | estimate_silent) & ~absent
    return ~silent.any(-2, keepdim=True) & ~absent


def _double(audio: Tensor) -> Tensor:
    """The audio in float64, on its device where that has float64, which Apple's GPU has not."""
    return (audio.cpu() if audio.device.type == "mps" else audio).double()
