"""How audio that arrives in blocks agrees with itself a little earlier."""

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["Autocorrelation"]


class Autocorrelation:
    """Σ x[n] x[n − k] for lags k from 0, in float64; it adds up over blocks, in memory for the lags and one block."""

    def __init__(self, lags: int) -> None:
        self._lags = lags
        self._before: Tensor | None = None
        self._sums: Tensor | None = None

    def add(self, audio: Float[Tensor, "*B T"]) -> None:
        """Add the next block."""
        new = audio.double()
        before = new.new_zeros(*new.shape[:-1], self._lags)
        known = torch.cat([before if self._before is None else self._before, new], -1)
        # No product reaches around the ends: the first `lags` samples of `known` meet nothing new.
        size = -(-known.shape[-1] // 4096) * 4096
        spectrum = torch.fft.rfft(known, n=size).conj()
        spectrum *= torch.fft.rfft(torch.cat([before, new], -1), n=size)
        products = torch.fft.irfft(spectrum, n=size)[..., : self._lags]
        self._sums = products if self._sums is None else self._sums + products
        self._before = known[..., -self._lags :]

    def sums(self) -> Float[Tensor, "*B K"]:
        """One number for each lag."""
        if self._sums is None:
            raise ValueError("no audio was added")
        return self._sums
