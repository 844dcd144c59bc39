"""How loud a recording is, and for how much of its time it sounds."""

from dataclasses import dataclass

import numpy as np

from auralflow.datasets.checking.findings import decibels
from auralflow.shapes import Audio

__all__ = ["ACTIVE_DB", "LevelMeter", "Levels"]

ACTIVE_DB = -60.0
"""A tenth of a second sounds if its RMS level is above this, in dB of full scale."""


@dataclass(frozen=True)
class Levels:
    """Levels over a whole recording, all channels together."""

    energy: float
    """Sum of the squared samples."""
    values: int
    """Samples times channels."""
    peak: float
    overs: int
    """Samples beyond full scale."""
    active_seconds: float

    @property
    def rms_db(self) -> float:
        """Root mean square in dB of full scale, -200 for digital silence."""
        return decibels(self.energy / max(self.values, 1))


class LevelMeter:
    """Gathers levels block by block. Blocks but the last hold whole tenths of a second."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._frame = max(1, sample_rate // 10)
        self._energy, self._values, self._peak, self._overs = 0.0, 0, 0.0, 0
        self._active = 0

    def push(self, block: Audio) -> None:
        """Take the next block."""
        squares = np.einsum("ct,ct->t", block, block, dtype=np.float64)
        peak = float(np.abs(block).max(initial=0.0))
        self._energy += float(squares.sum())
        self._values += block.size
        self._peak = max(self._peak, peak)
        if peak > 1:
            self._overs += int(np.count_nonzero(np.abs(block) > 1))
        limit = 10 ** (ACTIVE_DB / 10) * block.shape[0]
        whole = len(squares) // self._frame * self._frame
        frames = squares[:whole].reshape(-1, self._frame).mean(axis=1)
        self._active += int(np.count_nonzero(frames > limit)) * self._frame
        rest = squares[whole:]
        if len(rest) and rest.mean() > limit:
            self._active += len(rest)

    def result(self) -> Levels:
        """What was gathered."""
        return Levels(
            self._energy, self._values, self._peak, self._overs, self._active / self._rate
        )
