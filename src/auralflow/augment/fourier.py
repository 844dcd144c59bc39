"""Filters applied as products of spectra."""

__all__ = ["fast_length"]


def fast_length(samples: int) -> int:
    """The smallest even length from `samples` up whose Fourier transform is fast: 2, 3 and 5 its only factors."""
    best = 2
    while best < samples:
        best *= 2
    five = 1
    while five < best:
        three = five
        while three < best:
            length = 2 * three
            while length < samples:
                length *= 2
            best = min(best, length)
            three *= 3
        five *= 5
    return best
