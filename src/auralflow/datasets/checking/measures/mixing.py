"""How the mixture of a track is related to its stems, from one pass over all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.checking.findings import decibels
from auralflow.datasets.checking.measures.shifts import Shift, find_shift

__all__ = ["TOLERANCE_DB", "Mixing", "MixingMeter"]

TOLERANCE_DB = -20.0
"""Residual from which on the stems do not sum to the mixture. Those of MUSDB18 in AAC, where the mixture was encoded
by itself, leave about -27 dB."""

_EXCERPT = 2**19
"""Samples that are kept to look for shifts in: 12 s at 44.1 kHz."""


@dataclass(frozen=True)
class Mixing:
    """Inner products over the whole track, in double precision."""

    stems: tuple[str, ...]
    products: Float[ndarray, "S+1 S+1"]
    """Of the mixture, first, and of the stems with one another."""
    shift: Shift | None = None
    """Looked for only where the sum is wrong: how far it lies beside the mixture, if that explains it."""

    @property
    def mixture_energy(self) -> float:
        """Sum of the squared samples."""
        return float(self.products[0, 0])

    @property
    def sum_energy(self) -> float:
        """That of the sum of the stems."""
        return float(self.products[1:, 1:].sum())

    @property
    def gain(self) -> float:
        """What the sum is to be multiplied with to come nearest to the mixture, in least squares."""
        return float(self.products[0, 1:].sum()) / max(self.sum_energy, 1e-30)

    @property
    def weights(self) -> Float[ndarray, " S"]:
        """The same for each stem, all fitted at once; 1 for those that are too soft to tell, 40 dB below the mixture."""
        inner = self.products[1:, 1:]
        audible = np.diag(inner) > 1e-4 * self.mixture_energy
        weights = np.ones(len(inner))
        if audible.any():
            rest = self.products[0, 1:] - inner[:, ~audible].sum(axis=1)
            weights[audible] = np.linalg.lstsq(
                inner[np.ix_(audible, audible)], rest[audible], rcond=1e-9
            )[0]
        return weights

    def residual_db(self, weights: Float[ndarray, " S"] | float = 1.0) -> float:
        """Energy of the mixture minus the weighted stems, in dB of the mixture's; for a silent mixture, of the sum's."""
        signs = np.concatenate([[1.0], -np.broadcast_to(weights, (len(self.stems),))])
        left = float(signs @ self.products @ signs)
        return decibels(left / max(self.mixture_energy or self.sum_energy, 1e-30))


class MixingMeter:
    """Takes mixture and stems in step, block by block."""

    def __init__(self, stems: Sequence[str], sample_rate: int) -> None:
        self._stems = tuple(stems)
        self._rate = sample_rate
        self._products = np.zeros((len(stems) + 1, len(stems) + 1))
        self._excerpts: list[Float[ndarray, "S+1 T"]] = []
        self._kept = 0

    def push(self, together: Float[ndarray, "S+1 C T"]) -> None:
        """Take the next block, the mixture first."""
        flat = together.reshape(len(together), -1).astype(np.float64)
        self._products += flat @ flat.T
        if self._kept < _EXCERPT and (self._kept or together.any()):
            piece = together.mean(axis=1)[:, : _EXCERPT - self._kept]
            self._excerpts.append(piece)
            self._kept += piece.shape[1]

    def result(self) -> Mixing:
        """What was gathered; the shift is looked for where nothing simpler explains the residual."""
        found = Mixing(self._stems, self._products)
        if (
            min(found.mixture_energy, found.sum_energy) == 0
            or found.residual_db(found.weights) <= TOLERANCE_DB
        ):
            return found
        excerpt = np.concatenate(self._excerpts, axis=1)
        return Mixing(self._stems, self._products, find_shift(excerpt[0], excerpt[1:], self._stems))
