"""What is done to stems before they are audio is what would be done afterwards."""

import pytest
import torch

from auralflow.augment.ahead import changes_stems, left_behind, take_ahead
from auralflow.augment.catalogue import augment
from auralflow.augment.options import AugmentConfig, wanted_numbers
from auralflow.datasets.batches import ChunkBatch

ITEMS, STEMS, SAMPLES = 3, 2, 64
CHANCES = {"probability": 0.5}


def _batch(config: AugmentConfig, *, channels: int, is_plain: bool) -> ChunkBatch:
    generator = torch.Generator().manual_seed(0)
    rows = ITEMS * STEMS if is_plain else ITEMS * STEMS + 2
    places = torch.arange(rows) if is_plain else torch.tensor([0, 0, 1, 3, 3, 3, 4, 5])
    return ChunkBatch(
        torch.randint(-9000, 9000, (rows, 2, SAMPLES), generator=generator, dtype=torch.int16),
        torch.full((rows,), 2.0**-15),
        places,
        shape=(ITEMS, STEMS, channels),
        is_plain=is_plain,
        numbers={
            name: torch.rand(ITEMS, STEMS, count, generator=generator)
            for name, count in wanted_numbers(config).items()
        },
        broken={},
    )


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("is_plain", [True, False])
@pytest.mark.parametrize(
    "config",
    [
        {"gain": CHANCES},
        {"swap_channels": CHANCES},
        {"flip_polarity": CHANCES},
        {"gain": CHANCES, "swap_channels": CHANCES, "flip_polarity": CHANCES, "drop_stem": CHANCES},
    ],
)
def test_what_is_taken_ahead_is_what_would_be_done_afterwards(config, is_plain, channels):
    config = AugmentConfig.model_validate(config)
    batch = _batch(config, channels=channels, is_plain=is_plain)
    ready = {"sample_rate": 8000, "samples": SAMPLES}
    expected = augment(batch.stems(), batch.numbers, config, **ready)
    found = take_ahead(batch.numbers, config)
    assert found is not None
    left = left_behind(config)
    ahead = augment(batch.changed(*found).stems(), batch.numbers, left, **ready)
    # Sums of rows are rounded before or after the factor; all else is exact, since scales are powers of two.
    torch.testing.assert_close(
        ahead, expected, rtol=0 if is_plain else 1e-6, atol=0 if is_plain else 1e-7
    )


@pytest.mark.parametrize(
    "earlier", ["remix", "tempo", "pitch", "time_shift", "equalizer", "reverb"]
)
def test_nothing_is_taken_ahead_of_what_comes_before_it(earlier):
    config = AugmentConfig.model_validate({"gain": CHANCES, earlier: CHANCES})
    numbers = {name: torch.rand(2, 2, count) for name, count in wanted_numbers(config).items()}
    assert take_ahead(numbers, config) is None
    assert left_behind(config) == config


def test_nothing_is_taken_ahead_where_nothing_is_wanted():
    assert take_ahead({}, AugmentConfig.defaults()) is None


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, False),
        ({"gain": CHANCES, "clip_mixture": CHANCES}, False),
        ({"gain": CHANCES, "drop_stem": CHANCES}, True),
        ({"gain": CHANCES, "time_shift": CHANCES}, True),
    ],
)
def test_a_mixture_waits_for_what_is_left_to_be_done_to_stems(config, expected):
    assert changes_stems(left_behind(AugmentConfig.model_validate(config))) == expected
