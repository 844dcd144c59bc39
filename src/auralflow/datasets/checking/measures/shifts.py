"""Whether the sum of the stems, or one of them, lies beside the mixture in time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.checking.findings import decibels

__all__ = ["Shift", "find_shift"]

_BETTER_DB = 10.0
"""A shift explains a residual if that is so much lower once the shift is undone."""


@dataclass(frozen=True)
class Shift:
    """A delay in samples at the track's rate."""

    stem: str
    """The stem that it is found in; empty for all of them together."""
    samples: int
    """How much later the mixture has it than the stems; negative for earlier."""
    residual_db: float
    """What is left of the mixture, in an excerpt, once it is undone."""


def find_shift(
    mixture: Float[ndarray, " T"], stems: Float[ndarray, "S T"], names: Sequence[str]
) -> Shift | None:
    """The shift of the sum or, if that explains nothing, of the one stem whose shift explains most."""
    total = stems.sum(axis=0)
    energy = float(np.square(mixture, dtype=np.float64).sum())
    before_db = decibels(float(np.square(mixture - total, dtype=np.float64).sum()) / energy)
    whole = _explained("", mixture, total, energy)
    if whole.samples and whole.residual_db <= before_db - _BETTER_DB:
        return whole
    single = min(
        (
            _explained(name, mixture - total + stem, stem, energy)
            for name, stem in zip(names, stems, strict=True)
        ),
        key=lambda shift: shift.residual_db,
    )
    return single if single.samples and single.residual_db <= before_db - _BETTER_DB else None


def _explained(
    name: str, wanted: Float[ndarray, " T"], given: Float[ndarray, " T"], energy: float
) -> Shift:
    """The delay by which `given` is most like `wanted`, and what it leaves of it."""
    samples = len(wanted)
    size = 2 ** (2 * samples - 1).bit_length()
    product = np.fft.rfft(wanted, size) * np.conj(np.fft.rfft(given, size))
    likeness = np.abs(np.fft.irfft(product, size))
    place = int(np.argmax(likeness))
    delay = place if place < samples else place - size
    late, early = (
        (wanted[delay:], given[: samples - delay])
        if delay >= 0
        else (
            wanted[:delay],
            given[-delay:],
        )
    )
    both = float(np.dot(late.astype(np.float64), early))
    own = float(np.square(early, dtype=np.float64).sum())
    left = float(np.square(late, dtype=np.float64).sum()) - both**2 / max(own, 1e-30)
    return Shift(name, delay, decibels(max(left, 0.0) / energy))
