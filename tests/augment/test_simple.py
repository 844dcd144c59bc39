"""Augmentations of one line, against that line."""

import torch

from auralflow.augment.clipping import clip_mixture
from auralflow.augment.dropping import drop_stems
from auralflow.augment.gain import change_gain
from auralflow.augment.options import (
    ClipMixtureConfig,
    DropStemConfig,
    FlipPolarityConfig,
    GainConfig,
    SwapChannelsConfig,
    TimeShiftConfig,
)
from auralflow.augment.polarity import flip_polarity
from auralflow.augment.swapping import swap_channels
from auralflow.augment.time_shift import shift_in_time
from tests.augment.cases import RATE, noise, one

STEMS = noise(2, 3, 2, 50)


def test_gain_is_in_decibels_of_amplitude_from_the_lowest_to_the_highest():
    config = GainConfig(probability=1.0, low_db=-20.0, high_db=20.0)
    # 0 is the low end, 1/2 the middle, and 3/4 is 10 dB: the square root of ten.
    numbers = torch.tensor([[[0, 0.0], [0, 0.5], [0, 0.75]]]).expand(2, -1, -1)
    factors = torch.tensor([0.1, 1.0, 10**0.5])[:, None, None]
    torch.testing.assert_close(change_gain(STEMS, numbers, config, RATE), STEMS * factors)


def test_left_and_right_are_exchanged():
    swapped = swap_channels(STEMS, torch.zeros(2, 3, 1), SwapChannelsConfig(probability=1.0), RATE)
    assert torch.equal(swapped[:, :, 0], STEMS[:, :, 1])
    assert torch.equal(swapped[:, :, 1], STEMS[:, :, 0])


def test_one_channel_has_nothing_to_be_exchanged_with():
    mono = STEMS[:, :, :1]
    swapped = swap_channels(mono, torch.zeros(2, 3, 1), SwapChannelsConfig(probability=1.0), RATE)
    assert torch.equal(swapped, mono)


def test_polarity_is_the_sign_of_every_sample():
    flipped = flip_polarity(STEMS, torch.zeros(2, 3, 1), FlipPolarityConfig(probability=1.0), RATE)
    assert torch.equal(flipped, -STEMS)


def test_dropped_stems_are_silent_and_others_are_not_touched():
    numbers = torch.tensor([[0.1, 0.6, 0.7], [0.9, 0.4, 0.3]])[..., None]
    dropped = drop_stems(STEMS, numbers, DropStemConfig(probability=0.5), RATE)
    expected = STEMS.clone()
    expected[0, 0] = 0
    expected[1, 1:] = 0
    assert torch.equal(dropped, expected)


def test_of_an_item_that_would_be_silent_the_stem_with_the_largest_number_stays():
    numbers = torch.tensor([[0.1, 0.3, 0.2], [0.2, 0.1, 0.6]])[..., None]
    dropped = drop_stems(STEMS, numbers, DropStemConfig(probability=1.0), RATE)
    heard = dropped.abs().sum((2, 3)) > 0
    assert heard.tolist() == [[False, True, False], [False, False, True]]
    assert torch.equal(dropped[0, 1], STEMS[0, 1])


def test_an_only_stem_is_never_dropped():
    stem = STEMS[:, :1]
    dropped = drop_stems(stem, torch.zeros(2, 1, 1), DropStemConfig(probability=1.0), RATE)
    assert torch.equal(dropped, stem)


def test_a_mixture_is_clipped_so_many_decibels_below_the_peak_of_both_channels():
    mixture = torch.tensor([[[0.5, -0.2, 0.1], [0.3, -1.0, 0.0]]])
    config = ClipMixtureConfig(probability=1.0, low_db=0.0, high_db=12.0412)
    # Half of 12.04 dB is a factor of two: the peak is 1, the level 0.5.
    clipped = clip_mixture(mixture, one(0, 0.5), config, RATE)
    expected = torch.tensor([[[0.5, -0.2, 0.1], [0.3, -0.5, 0.0]]])
    torch.testing.assert_close(clipped, expected, rtol=1e-5, atol=0)


def test_each_mixture_is_clipped_by_its_own_peak():
    mixture = noise(2, 2, 500)
    config = ClipMixtureConfig(probability=1.0, low_db=6.0, high_db=6.0)
    numbers = torch.zeros(2, 3, 2)
    louder = mixture * torch.tensor([1.0, 100.0])[:, None, None]
    clipped = clip_mixture(louder, numbers, config, RATE).abs().amax((1, 2))
    torch.testing.assert_close(clipped, louder.abs().amax((1, 2)) * 10 ** (-6 / 20))


def test_a_shift_rolls_by_whole_samples_from_the_earliest_to_the_latest():
    # 5 samples at this rate: eleven places, of which 0 is the first, 1/2 the middle and 0.999 the last.
    config = TimeShiftConfig(probability=1.0, seconds=5 / RATE)
    numbers = torch.tensor([[[0, 0.0], [0, 0.5], [0, 0.999]]]).expand(2, -1, -1)
    shifted = shift_in_time(STEMS, numbers, config, RATE)
    for stem, later in enumerate((-5, 0, 5)):
        assert torch.equal(shifted[:, stem], STEMS[:, stem].roll(later, dims=-1))


def test_every_shift_is_as_likely_as_any_other():
    config = TimeShiftConfig(probability=1.0, seconds=2 / RATE)
    click = torch.zeros(1, 1000, 1, 7)
    click[..., 3] = 1.0
    numbers = torch.stack([torch.zeros(1, 1000), torch.arange(1000)[None] / 1000], dim=-1)
    places = shift_in_time(click, numbers, config, RATE).argmax(-1).flatten()
    assert torch.bincount(places, minlength=7).tolist() == [0, 200, 200, 200, 200, 200, 0]


def test_a_shift_longer_than_the_chunk_goes_round_it():
    config = TimeShiftConfig(probability=1.0, seconds=130 / RATE)
    shifted = shift_in_time(STEMS[:1, :1], one(0, 0.9999), config, RATE)
    assert torch.equal(shifted, STEMS[:1, :1].roll(130, dims=-1))


def test_a_number_that_was_rounded_to_one_is_the_latest_shift():
    # In single width 1 - 2^-53 is 1.
    config = TimeShiftConfig(probability=1.0, seconds=5 / RATE)
    shifted = shift_in_time(STEMS[:1, :1], one(0, 1.0), config, RATE)
    assert torch.equal(shifted, STEMS[:1, :1].roll(5, dims=-1))
