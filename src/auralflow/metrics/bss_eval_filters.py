"""The distortion filters of BSSEval: how references, delayed and weighed, explain an estimate best.

An estimated channel y is projected on all references x₁ … x_K with delays of 0 to L − 1 samples. The weights c solve
G c = d, where G holds the products of all pairs of delayed references and d those with y:

    G[(i, a), (j, b)] = Σ x_i[t − a] x_j[t − b] = r_ij[a − b]        d[(i, a)] = Σ x_i[t − a] y[t]

So G is made of K × K Toeplitz blocks, and both follow from correlations at L lags.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["Correlations", "correlate", "distinct_channels", "fft_length", "projection_filters"]

_FFT = 8192
"""Samples of one Fourier transform: a few of them together with their products fit the processor's cache."""
_BLOCKS = 8
"""Blocks multiplied at once, so that the sums of the products are read and written less often."""
_ROUNDING = 2.0**-40
"""A matrix of unit diagonal with an eigenvalue below this, about 1e-12, is solved with damping."""
_DAMPING = 2.0**-44
"""Part of the diagonal that damps: a few times what rounding does to the matrix, about 1e-13, and no more, for frames
are cut out sharply and hear of directions in which the track is silent."""
_CORRECTIONS = 3
"""How often a solution found with a damped matrix is corrected: each divides what damping did by large numbers."""


class Correlations(NamedTuple):
    """Products of the references with what comes 0 to L − 1 samples later, in float64."""

    reference: Float[Tensor, "K K L"]
    """Σ x_i[t] x_j[t + lag]"""
    estimate: Float[Tensor, "K E L"]
    """Σ x_i[t] y_e[t + lag]"""

    def of(self, channels: slice) -> "Correlations":
        """Those among the same channels of references and estimates."""
        return Correlations(self.reference[channels, channels], self.estimate[channels, channels])


def correlate(
    estimate: Float[Tensor, "E T"], reference: Float[Tensor, "K T"], lags: int
) -> Correlations:
    """Every product that any set of references needs, from blocks, in memory that does not grow with the length.

    block        |---------|0000     of a reference, zeros behind it
    and later    |---------|----     of whatever it is multiplied with, so that no lag runs out of it
    """
    size = fft_length(max(_FFT, 8 * lags))
    span = size - lags + 1
    samples, known = reference.shape[-1], len(reference)
    audio = (reference, estimate)
    blocks = min(_BLOCKS, -(-samples // span))
    bins, channels = size // 2 + 1, known + len(estimate)
    device = reference.device
    later = torch.empty((channels, blocks * span + lags - 1), dtype=torch.float64, device=device)
    windows = later.unfold(-1, size, span)
    spectra = torch.empty((known + channels, blocks, bins), dtype=torch.complex128, device=device)
    turned = spectra.new_empty((bins, known + channels, blocks))
    products = spectra.new_zeros((bins, known, channels))
    for start in range(0, samples, blocks * span):
        part = slice(start, start + later.shape[-1])
        held = min(samples - start, later.shape[-1])
        torch.cat([each[:, part] for each in audio], out=later[:, :held])
        later[:, held:] = 0
        spectra[:known] = torch.fft.rfft(windows[:known, :, :span], size).conj()
        spectra[known:] = torch.fft.rfft(windows)
        # Turned as a matrix, which torch does five times as fast as with three axes.
        turned.flatten(1).copy_(spectra.flatten(0, 1).t())
        products.baddbmm_(turned[:, :known], turned[:, known:].mT)
    lagged = torch.fft.irfft(products.permute(1, 2, 0), size)[..., :lags]
    return Correlations(lagged[:, :known], lagged[:, known:])


def projection_filters(
    correlations: Correlations, distinct: Sequence[int]
) -> Float[Tensor, "E K L"]:
    """The filters from each reference to each estimated channel, by one Cholesky factor for all of them.

    References that are not among the `distinct` ones, see `distinct_channels`, get zeros. float64's smallest step is
    added to the diagonal, as museval does, so that a silent channel gets zeros too. Where references still explain
    each other but for rounding, and where nothing is heard at some frequencies, there is no single answer: then a
    damped system is solved and its solution corrected, which leads to small filters whose projection is the best.
    """
    chosen = list(distinct)
    matrix = _gram(correlations.reference[chosen][:, chosen])
    matrix.diagonal().add_(torch.finfo(matrix.dtype).eps)
    energies = matrix.diagonal().clone()
    cross = correlations.estimate
    wanted = cross[chosen].movedim(1, 2).flatten(0, 1)
    factor, failed = torch.linalg.cholesky_ex(matrix)
    if not failed and _smallest_eigenvalue(factor, energies) > _ROUNDING:
        del matrix  # as large as the factor
        solution = _backsolve(factor, wanted)
    else:
        del factor  # as large as the matrix
        solution = _solve_damped(matrix, energies, wanted)
    filters = torch.zeros_like(cross)
    filters[chosen] = solution.unflatten(0, (len(chosen), -1)).movedim(2, 1)
    return filters.movedim(1, 0)


def distinct_channels(reference: Float[Tensor, "K T"]) -> list[int]:
    """The channels that no earlier one equals: of music in mono on two channels, every other."""
    kept: list[int] = []
    for channel, audio in enumerate(reference):
        if not any(torch.equal(audio, reference[earlier]) for earlier in kept):
            kept.append(channel)
    return kept


def fft_length(samples: int) -> int:
    """The next length that is quick to transform: a power of two times 1, 3, 5, 9, 15 or 45."""
    return min(odd << max((-(-samples // odd) - 1).bit_length(), 1) for odd in (1, 3, 5, 9, 15, 45))


def _gram(correlations: Float[Tensor, "K K L"]) -> Float[Tensor, "KL KL"]:
    known, _, lags = correlations.shape
    matrix = correlations.new_empty((known, lags, known, lags))
    for one in range(known):
        for other in range(known):
            # From lag L − 1 down to −(L − 1): row a of the block is the window from its lag a on to a − L + 1.
            lagged = torch.cat([correlations[one, other].flip(0), correlations[other, one, 1:]])
            matrix[one, :, other] = lagged.unfold(0, lags, 1).flip(0)
    return matrix.reshape(known * lags, known * lags)


def _smallest_eigenvalue(factor: Float[Tensor, "M M"], energies: Float[Tensor, " M"]) -> float:
    """About that of the matrix with its diagonal scaled to one, by three steps of inverse iteration.

    The factor's own diagonal does not tell: it stays large where many small directions lie askew.
    """
    scale = energies.sqrt()[:, None]
    count = torch.arange(len(energies), dtype=energies.dtype, device=energies.device)
    vector = torch.cos(count.square() / 2)[:, None]  # something of every frequency
    size = torch.ones((), dtype=energies.dtype)
    for _ in range(3):
        vector = scale * _backsolve(factor, scale * vector / vector.norm())
        size = vector.norm()
    return float(1 / size)


def _solve_damped(
    matrix: Float[Tensor, "M M"], energies: Float[Tensor, " M"], wanted: Float[Tensor, "M E"]
) -> Float[Tensor, "M E"]:
    """A solution of a system whose matrix is singular but for rounding; the matrix is changed.

    A share of the diagonal is added, in steps until the matrix has a factor. Directions in which it is no more than
    rounding stay out of the solution, and the others lose the damping again by corrections.
    """
    damping = torch.zeros_like(energies)
    share = _DAMPING
    while True:
        matrix.diagonal().add_(share * energies)
        damping += share * energies
        factor, failed = torch.linalg.cholesky_ex(matrix)
        if not failed:
            break
        share *= 4
    solution = _backsolve(factor, wanted)
    for _ in range(_CORRECTIONS):
        missing = wanted - matrix @ solution + damping[:, None] * solution
        solution += _backsolve(factor, missing)
    return solution


def _backsolve(factor: Float[Tensor, "M M"], wanted: Float[Tensor, "M E"]) -> Float[Tensor, "M E"]:
    """As `torch.cholesky_solve`, which copies the factor."""
    halfway = torch.linalg.solve_triangular(factor, wanted, upper=False)
    solution: Tensor = torch.linalg.solve_triangular(factor.mT, halfway, upper=True)
    return solution
