"""Where a recording was cut off at full scale: runs of samples that all lie at its peak."""

from dataclasses import dataclass

import numpy as np

from auralflow.shapes import Audio

__all__ = ["FlatTopCounter", "FlatTops"]

_RUN = 3
"""A sine at full scale has two equal samples at its top now and then, and never three unless it is very low or slow."""
_FULL = 0.999
_STEP = 1.5 / 32768
"""Integers clip at -32768 and at 32767: a step and a half of 16 bits tells both from what is below."""


@dataclass(frozen=True)
class FlatTops:
    """Runs of three samples or more at the recording's own peak, where that is at full scale."""

    runs: int
    samples: int
    """Samples in all the runs."""
    first_seconds: float
    """When the first run begins; 0 where there is none."""


class FlatTopCounter:
    """Counts block by block; a peak higher than all before makes it start anew, since those were no tops."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._rate = sample_rate
        self._peak = 0.0
        self._place = 0
        self._open = np.zeros(channels, np.int64)
        self._reset()

    def _reset(self) -> None:
        self._runs, self._samples, self._first = 0, 0, 0
        self._open[:] = 0

    def push(self, block: Audio) -> None:
        """Take the next block."""
        loud = np.abs(block)
        peak = float(loud.max(initial=0.0))
        if peak > self._peak + _STEP:
            self._reset()
        self._peak = max(self._peak, peak)
        if self._peak >= _FULL and (peak >= self._peak - _STEP or self._open.any()):
            for channel, values in enumerate(loud >= self._peak - _STEP):
                self._count(channel, values)
        else:
            self._open[:] = 0
        self._place += block.shape[1]

    def _count(self, channel: int, at_peak: np.ndarray) -> None:
        edges = np.diff(np.concatenate([[0], at_peak.astype(np.int8), [0]]))
        starts, ends = np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)
        carried = int(self._open[channel])
        self._open[channel] = 0
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            before = carried if start == 0 else 0
            length = before + end - start
            if length >= _RUN:
                # A run that was long enough before this block is counted already.
                is_new = before < _RUN
                if is_new and (not self._runs or self._place + start - before < self._first):
                    self._first = self._place + start - before
                self._runs += is_new
                self._samples += length if is_new else end - start
            if end == len(at_peak):
                self._open[channel] = length

    def result(self) -> FlatTops:
        """What was counted."""
        return FlatTops(self._runs, self._samples, self._first / self._rate)
