"""Augmentations against their closed forms."""

import pytest
import torch

from auralflow.augment import AUGMENTATIONS, augment, mix

STEMS = torch.arange(24, dtype=torch.float32).reshape(2, 2, 2, 3) / 24


def numbers(*values: float) -> torch.Tensor:
    return torch.tensor(values).reshape(2, 2)


def test_gain_is_in_decibels_of_amplitude():
    changed = augment(STEMS, {"gain_db": numbers(0, 20, -20, 6.0206)})
    factors = torch.tensor([[1, 10], [0.1, 2]])[:, :, None, None]
    torch.testing.assert_close(changed, STEMS * factors, rtol=1e-5, atol=0)


def test_channels_are_swapped_where_it_was_drawn():
    changed = augment(STEMS, {"swap_channels": numbers(1, 0, 0, 1)})
    assert torch.equal(changed[0, 0], STEMS[0, 0].flip(0))
    assert torch.equal(changed[0, 1], STEMS[0, 1])
    assert torch.equal(changed[1, 1], STEMS[1, 1].flip(0))


def test_swapping_leaves_one_channel_as_it_is():
    mono = STEMS[:, :, :1]
    assert torch.equal(augment(mono, {"swap_channels": torch.ones(2, 2)}), mono)


def test_polarity_is_negated_where_it_was_drawn():
    changed = augment(STEMS, {"flip_polarity": numbers(0, 1, 1, 0)})
    signs = torch.tensor([[1.0, -1], [-1, 1]])[:, :, None, None]
    assert torch.equal(changed, STEMS * signs)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_zero_leaves_stems_as_they_are_and_inputs_are_never_changed(name):
    stems = STEMS.clone()
    assert torch.equal(augment(stems, {name: torch.zeros(2, 2)}), STEMS)
    augment(stems, {name: torch.ones(2, 2)})
    assert torch.equal(stems, STEMS)


def test_nothing_drawn_costs_nothing():
    assert augment(STEMS, {}) is STEMS


def test_an_unknown_augmentation_is_a_mistake():
    with pytest.raises(ValueError, match="no augmentation reverb"):
        augment(STEMS, {"reverb": torch.zeros(2, 2)})


def test_a_mixture_is_the_plain_sum_also_beyond_full_scale():
    assert torch.equal(mix(STEMS * 4), (STEMS[:, 0] + STEMS[:, 1]) * 4)
