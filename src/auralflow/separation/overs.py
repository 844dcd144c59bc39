"""Samples beyond full scale: what is done about them, and how many there were."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy import ndarray

from auralflow.audio import Encoding
from auralflow.errors import ConfigError
from auralflow.separation.config import Overs

__all__ = ["Level", "treatment_of"]


def treatment_of(overs: Overs, encoding: Encoding) -> Literal["clip", "rescale", "keep"]:
    """What `auto` means for an encoding. Raises `ConfigError` for `keep` where the format cannot."""
    if overs == "auto":
        return "clip" if encoding.clips else "keep"
    if overs == "keep" and encoding.clips:
        found = encoding.format if encoding.is_lossy else f"{encoding.bits} bit {encoding.format}"
        raise ConfigError(
            f"overs is keep, but {found} cannot hold samples beyond full scale: write 32 bit wav, or"
            " let overs be clip or rescale"
        )
    return overs


@dataclass
class Level:
    """The highest sample so far, and how many were beyond full scale."""

    peak: float = 0.0
    overs: int = 0

    def add(self, samples: ndarray) -> None:
        """Take note of samples of any shape."""
        magnitudes = np.abs(samples)
        self.peak = max(self.peak, float(magnitudes.max(initial=0.0)))
        self.overs += int(np.count_nonzero(magnitudes > 1))

    @property
    def gain(self) -> float:
        """The factor that brings the highest sample to full scale, if it is beyond."""
        return 1 / self.peak if self.peak > 1 else 1.0
