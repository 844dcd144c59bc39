"""ISR, SIR and SAR of a track that comes in blocks."""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.metrics.bss_eval import BSSEval, bss_eval
from auralflow.metrics.meter import Readings
from auralflow.metrics.metric import Metric

__all__ = ["ISR", "SAR", "SIR", "BSSEvalMeter"]

_SOURCE = "Vincent et al., “First Stereo Audio Source Separation Evaluation Campaign”, ICA 2007; museval 0.4.1"


class BSSEvalMeter:
    """Keeps the track, for the filters are those of the whole of it: memory grows with the audio, and by no more."""

    def __init__(self, sources: int, sample_rate: int) -> None:
        self._sources = sources
        self._frame = sample_rate
        self._estimates: list[Tensor] = []
        self._references: list[Tensor] = []
        self._result: BSSEval | None = None

    def update(
        self,
        estimate: Float[Tensor, "S C T"],
        reference: Float[Tensor, "S C T"],
        _mixture: Float[Tensor, "C T"],
    ) -> None:
        """Add the next block of the track."""
        self._estimates.append(estimate.clone())
        self._references.append(reference.clone())
        self._result = None

    def result(self) -> BSSEval:
        """All four ratios in frames of one second, computed once for all who ask."""
        if not self._estimates:
            return BSSEval(*torch.full((4, self._sources, 1), torch.nan, dtype=torch.float64))
        if self._result is None:
            # One after the other, and in place of the blocks: both at once would be the audio twice.
            self._estimates = [torch.cat(self._estimates, -1)]
            self._references = [torch.cat(self._references, -1)]
            self._result = bss_eval(self._estimates[0], self._references[0], frame=self._frame)
        return self._result


ISR = Metric(
    name="isr",
    aliases=("bss-eval",),
    label="ISR",
    explanation="image to spatial distortion ratio of BSSEval v4: wrong level, panning or colour of the stem itself",
    source=_SOURCE,
    framewise=True,
    has_gain=False,
    meter=BSSEvalMeter,
    read=lambda meter: Readings(meter.result().isr),
)

SIR = Metric(
    name="sir",
    aliases=("bss-eval",),
    label="SIR",
    explanation="signal to interference ratio of BSSEval v4: what is left of the other stems",
    source=_SOURCE,
    framewise=True,
    has_gain=False,
    meter=BSSEvalMeter,
    read=lambda meter: Readings(meter.result().sir),
)

SAR = Metric(
    name="sar",
    aliases=("bss-eval",),
    label="SAR",
    explanation="signal to artefacts ratio of BSSEval v4: what no stem explains",
    source=_SOURCE,
    framewise=True,
    has_gain=False,
    meter=BSSEvalMeter,
    read=lambda meter: Readings(meter.result().sar),
)
