"""What the Wiener filter is asked for, and spectra to filter."""

from dataclasses import dataclass

import torch
from torch import Tensor

from tests.models.weights import mixture

__all__ = ["WINDOW", "WienerCase", "every_case", "spectra"]

WINDOW = 4
"""Frames; the spectra have 7."""


@dataclass(frozen=True)
class WienerCase:
    """One way to filter."""

    channels: int
    iterations: int
    softmask: bool = False
    residual: bool = False

    def __str__(self) -> str:
        """For the names of tests."""
        extras = f"{'-softmask' * self.softmask}{'-residual' * self.residual}"
        return f"{self.channels}-{self.iterations}{extras}"

    @property
    def golden(self) -> str:
        """Name of the stored output."""
        return f"wiener-{self}"


def every_case(*, golden: bool = False) -> list[WienerCase]:
    """All combinations, or only those whose output is stored: plain ones, and stereo ones of one iteration."""
    return [
        case
        for channels in (1, 2)
        for iterations in (0, 1, 2)
        for softmask in (False, True)
        for residual in (False, True)
        for case in [WienerCase(channels, iterations, softmask, residual)]
        if not golden or not (softmask or residual) or (channels, iterations) == (2, 1)
    ]


def spectra(channels: int) -> tuple[Tensor, Tensor]:
    """Magnitudes of 2 items of 3 sources in 5 bins and 7 frames, and a mixture, in float64.

    The first item is as loud as a transform of 4096 makes music, the second so soft that nothing scales it.
    """
    level = torch.tensor([60.0, 0.5], dtype=torch.float64)
    real, imag = (
        mixture(2, channels, 5, 7, name=part, level=1.0).double() for part in ("real", "imag")
    )
    loud = mixture(2, 3, channels, 5, 7, name="loud", level=1.0).double().abs()
    heard = torch.complex(real, imag) * level[:, None, None, None]
    return loud * level[:, None, None, None, None], heard
