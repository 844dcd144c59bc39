"""Measuring a track block by block, by every metric that is wanted."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.errors import ModelError
from auralflow.metrics.catalogue import DEFAULT_METRICS
from auralflow.metrics.meter import Meter, Readings
from auralflow.metrics.metric import Metric
from auralflow.metrics.scores import Score, TrackScores

__all__ = ["TrackMeter"]

Block = Float[np.ndarray, "S C T"] | Float[Tensor, "S C T"]
MixtureBlock = Float[np.ndarray, "C T"] | Float[Tensor, "C T"]


class TrackMeter:
    """The wanted metrics for one track, from blocks of any size; only the meters that these need are run.

    Tensors are measured on the device that they are on, arrays on `device`.
    """

    def __init__(
        self,
        sources: Sequence[str],
        sample_rate: int,
        *,
        metrics: Sequence[Metric[Any]] = DEFAULT_METRICS,
        device: torch.device | None = None,
    ) -> None:
        if not sources or sample_rate < 1:
            raise ModelError(
                f"sources are {list(sources)} at {sample_rate} Hz: name at least one source and a rate"
            )
        self.sources = tuple(sources)
        self.sample_rate = sample_rate
        self.metrics = tuple(metrics)
        self._device = device
        self._samples = 0
        self._meters: dict[object, Meter] = {}
        for metric in self.metrics:
            if metric.meter not in self._meters:
                self._meters[metric.meter] = metric.meter(len(self.sources), sample_rate)

    def update(self, estimate: Block, reference: Block, mixture: MixtureBlock) -> None:
        """Add the next block of the track: the same sources, channels and samples in all three.

        Raises `ModelError` for shapes that do not fit, and for NaN or infinity, which would otherwise pass for silence.
        """
        blocks = tuple(self._tensor(block) for block in (estimate, reference, mixture))
        self._check_shapes(*blocks)
        self._check_finite(*blocks)
        if blocks[0].shape[-1]:
            for meter in self._meters.values():
                meter.update(*blocks)
        self._samples += blocks[0].shape[-1]

    def result(self) -> TrackScores:
        """The scores of all that was added so far; more may be added afterwards."""
        readings = [(metric, metric.read(self._meters[metric.meter])) for metric in self.metrics]
        scores = {
            source: {metric.name: _score(metric, read, row) for metric, read in readings}
            for row, source in enumerate(self.sources)
        }
        return TrackScores(self._samples / self.sample_rate, scores)

    def _tensor(self, block: Block | MixtureBlock) -> Tensor:
        if isinstance(block, Tensor):
            # Apple's GPU has no float64.
            return block.detach().cpu() if block.device.type == "mps" else block.detach()
        # Copied, since torch warns of arrays that cannot be written to.
        return torch.from_numpy(np.array(block)).to(self._device)

    def _check_shapes(self, estimate: Tensor, reference: Tensor, mixture: Tensor) -> None:
        wanted = (len(self.sources), *mixture.shape)
        if not tuple(estimate.shape) == tuple(reference.shape) == wanted or mixture.ndim != 2:
            raise ModelError(
                f"the estimate has shape {tuple(estimate.shape)}, the reference "
                f"{tuple(reference.shape)} and the mixture {tuple(mixture.shape)}: give "
                f"({len(self.sources)}, channels, samples) twice and (channels, samples)"
            )

    def _check_finite(self, estimate: Tensor, reference: Tensor, mixture: Tensor) -> None:
        if all(torch.isfinite(audio).all() for audio in (estimate, reference, mixture)):
            return
        named = {
            **{f"the estimate of {name}": estimate[row] for row, name in enumerate(self.sources)},
            **{f"the reference of {name}": reference[row] for row, name in enumerate(self.sources)},
            "the mixture": mixture,
        }
        for what, audio in named.items():
            finite = torch.isfinite(audio)
            if not finite.all():
                sample = self._samples + int((~finite).any(0).nonzero()[0])
                raise ModelError(
                    f"{what} is not a number in second {sample // self.sample_rate} of the "
                    "track: train with a lower lr, or look for NaN in the audio"
                )


def _score(metric: Metric[Any], read: Readings, row: int) -> Score:
    """The median over the frames that count, and how much better that is than the mixture's, where that is heard."""
    values = read.values[row].double().cpu().numpy()
    kept = ~np.isnan(values)
    value, counted = _median(values[kept]), int(kept.sum())
    baseline = math.nan
    if read.mixture is not None:
        mixture = read.mixture[row].double().cpu().numpy()
        baseline = _median(mixture[kept & ~np.isnan(mixture)])
    better = value - baseline if metric.higher_is_better else baseline - value
    gain = better if math.isfinite(baseline) else math.nan
    frames = tuple(values.tolist()) if metric.framewise else ()
    return Score(value, gain, counted, len(kept) - counted, frames)


def _median(values: Float[np.ndarray, " N"]) -> float:
    return float(np.median(values)) if len(values) else math.nan
