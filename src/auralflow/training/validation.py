"""One validation track: separated whole, measured block by block."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor
from torch.linalg import vecdot

from auralflow.audio import Backend, resample
from auralflow.datasets.tracks import Track
from auralflow.errors import ModelError
from auralflow.losses import WeightedLoss
from auralflow.metrics.usdr import energy_ratio
from auralflow.models.base import Estimate, Separator
from auralflow.separation import SeparationOptions
from auralflow.separation.tracks import TrackBlock, separate_track
from auralflow.training.comparing import pair_of
from auralflow.training.excerpts import Excerpt, Span, cut

__all__ = ["TrackResult", "validate_track"]

_PIECE = 8192
"""Samples summed at once: in float64 they still fit the processor's cache."""


@dataclass(frozen=True)
class TrackResult:
    """What one track scored."""

    loss: float
    sdr: tuple[float | None, ...]
    """Whole-track SDR of each target in dB, None where the target is silent."""
    excerpt: Excerpt | None = None
    """The stretch that was asked for."""


def validate_track(
    model: Separator,
    track: Track,
    *,
    loss: WeightedLoss,
    options: SeparationOptions,
    backend: Backend = "soundfile",
    span: Span | None = None,
    leaves: Callable[[], bool] = lambda: False,
) -> TrackResult | None:
    """Separate a track with the code that separates files; compare it with the truth as training does.

    The loss is the training loss of the separated audio against the true stems, averaged over the track. The SDR is
    uSDR, that of the whole track. The stretch `span` is kept. `leaves` is asked after each block; None if it said yes.
    """
    energies = _Energies(len(model.targets))
    summed, samples = 0.0, 0
    kept: list[Excerpt] = []

    # Not in a second thread: what torch computes there slows the network down to less than half.
    for block in cut(separate_track(model, track, options=options, backend=backend), span, kept):
        energies.add(block.estimate, block.reference, track.name)
        length = block.mixture.shape[-1]
        summed += length * _loss_of(model, block, track.sample_rate, loss)
        samples += length
        if leaves():
            return None
    return TrackResult(summed / samples, energies.sdr(), kept[0] if kept else None)


class _Energies:
    """What uSDR is made of and nothing else: the other metrics, and those of the mixture, would cost three times as much."""

    def __init__(self, targets: int) -> None:
        self._reference = torch.zeros(targets, dtype=torch.float64)
        self._error = torch.zeros(targets, dtype=torch.float64)

    def add(
        self, estimate: Float[ndarray, "S C T"], reference: Float[ndarray, "S C T"], track: str
    ) -> None:
        for start in range(0, estimate.shape[-1], _PIECE):
            span = slice(start, start + _PIECE)
            guess, truth = (
                torch.from_numpy(audio[..., span].astype(np.float64)).flatten(1)
                for audio in (estimate, reference)
            )
            error = guess - truth
            self._reference += vecdot(truth, truth)
            self._error += vecdot(error, error)
        if not torch.isfinite(self._error).all():
            raise ModelError(
                f"an estimate for {track}, or its reference, is not a number: train with a lower lr, or look for NaN in the "
                "audio"
            )

    def sdr(self) -> tuple[float | None, ...]:
        ratios = energy_ratio(self._reference, self._error).tolist()
        return tuple(None if math.isnan(value) else value for value in ratios)


@torch.inference_mode()
def _loss_of(model: Separator, block: TrackBlock, sample_rate: int, loss: WeightedLoss) -> float:
    found, stems, whole = (
        _as_batch(model, audio, sample_rate)
        for audio in (block.estimate, block.reference, block.mixture[None])
    )
    estimate = Estimate(model.reference(found), lambda: found)
    total, _ = loss(pair_of(model, estimate, stems=stems, mixture=whole.squeeze(1)))
    return float(total)


def _as_batch(model: Separator, audio: Float[ndarray, "S C T"], sample_rate: int) -> Tensor:
    """The stems at the network's rate; each channel an item of its own for a network that hears one."""
    sources, channels, samples = audio.shape
    wanted = model.signal.sample_rate
    if sample_rate != wanted:
        flat = resample(audio.reshape(-1, samples), source=sample_rate, wanted=wanted)
        audio = flat.reshape(sources, channels, -1)
    if model.signal.channels == 1:
        audio = audio.transpose(1, 0, 2)[:, :, None]
    else:
        repeat = -(-model.signal.channels // channels)
        audio = np.repeat(audio, repeat, axis=1)[None, :, : model.signal.channels]
    device = next(model.parameters()).device
    return torch.from_numpy(np.ascontiguousarray(audio)).to(device)
