"""Lengths of transforms."""

import pytest

from auralflow.augment.fourier import fast_length


def only_small_factors(length: int) -> bool:
    for factor in (2, 3, 5):
        while length % factor == 0:
            length //= factor
    return length == 1


@pytest.mark.parametrize("samples", [1, 2, 3, 7, 511, 513, 1009, 4099])
def test_it_is_the_next_even_number_without_large_factors(samples):
    expected = next(
        n for n in range(samples, 2 * samples + 2) if n % 2 == 0 and only_small_factors(n)
    )
    assert fast_length(samples) == expected


def test_a_chunk_of_six_seconds_is_hardly_padded():
    # 264600 is 2^3 3^3 5^2 7^2; a power of two would be twice as long.
    assert 264600 <= fast_length(264600) < 264600 * 1.03
