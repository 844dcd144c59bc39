"""What holds for every augmentation."""

import pytest
import torch

from auralflow.augment import AUGMENTATIONS, AugmentConfig
from tests.augment.cases import NAMES, changed, drawn, noise, section_of, unchanged

ITEMS, STEMS = 8, 3
OF_ITEMS = {"tempo", "pitch", "band_limit", "clip_mixture"}
"""Those that change all the stems of an item together, by the numbers of the first."""


def test_the_catalogue_has_the_keys_of_the_configuration_in_their_order():
    assert list(AUGMENTATIONS) == list(AugmentConfig.model_fields)
    for name, member in AUGMENTATIONS.items():
        assert member.config is AugmentConfig.model_fields[name].annotation


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("samples", [1, 2, 777, 4000])
@pytest.mark.parametrize("name", NAMES)
def test_shape_and_type_are_kept_and_values_are_finite(name, samples, channels):
    stems = noise(ITEMS, STEMS, channels, samples)
    result = changed(name, stems, drawn(name, ITEMS, STEMS), section_of(name, 1.0))
    assert result.shape == unchanged(name, stems).shape
    assert result.dtype == torch.float32
    assert result.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_silence_stays_silence(name):
    stems = torch.zeros(ITEMS, STEMS, 2, 3000)
    result = changed(name, stems, drawn(name, ITEMS, STEMS), section_of(name, 1.0))
    assert torch.equal(result, unchanged(name, stems))


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_of_one_item_with_one_stem_is_enough(name):
    stems = noise(1, 1, 2, 3000)
    result = changed(name, stems, drawn(name, 1, 1), section_of(name, 1.0))
    assert result.shape == stems.shape


@pytest.mark.parametrize("name", NAMES)
def test_its_input_is_never_changed(name):
    stems, numbers = noise(ITEMS, STEMS, 2, 3000), drawn(name, ITEMS, STEMS)
    changed(name, stems, numbers, section_of(name, 1.0))
    assert torch.equal(stems, noise(ITEMS, STEMS, 2, 3000))
    assert torch.equal(numbers, drawn(name, ITEMS, STEMS))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_numbers_give_the_same_answer_whatever_was_drawn_elsewhere(name):
    stems, numbers = noise(ITEMS, STEMS, 2, 3000), drawn(name, ITEMS, STEMS)
    torch.manual_seed(1)
    first = changed(name, stems, numbers, section_of(name, 1.0))
    torch.manual_seed(2)
    assert torch.equal(first, changed(name, stems, numbers, section_of(name, 1.0)))


@pytest.mark.parametrize("name", NAMES)
def test_with_probability_one_something_changes(name):
    stems = noise(ITEMS, STEMS, 2, 3000)
    result = changed(name, stems, drawn(name, ITEMS, STEMS), section_of(name, 1.0))
    assert not torch.equal(result, unchanged(name, stems))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_chosen_comes_back_bit_for_bit(name):
    stems, numbers = noise(ITEMS, STEMS, 2, 3000), drawn(name, ITEMS, STEMS)
    # Exactly at the probability is not below it: a probability of 0 never is.
    numbers[1::2, :, 0] = 0.5
    numbers[::2, :, 0] = 0.25
    result = changed(name, stems, numbers, section_of(name, 0.5))
    assert torch.equal(result[1::2], unchanged(name, stems)[1::2])
    assert not torch.equal(result[::2], unchanged(name, stems)[::2])
    assert torch.equal(changed(name, stems, numbers, section_of(name, 0.0)), unchanged(name, stems))


@pytest.mark.parametrize("name", [name for name in NAMES if name.values[0] not in OF_ITEMS])
def test_stems_are_chosen_one_by_one(name):
    stems, numbers = noise(ITEMS, STEMS, 2, 3000), drawn(name, ITEMS, STEMS)
    numbers[..., 0] = torch.tensor([0.25, 0.5, 0.75])
    result = changed(name, stems, numbers, section_of(name, 0.5))
    assert not torch.equal(result[:, 0], stems[:, 0])
    assert torch.equal(result[:, 1:], stems[:, 1:])


@pytest.mark.parametrize("name", [name for name in NAMES if name.values[0] in OF_ITEMS])
def test_what_concerns_the_item_follows_the_numbers_of_its_first_stem(name):
    stems, numbers = noise(ITEMS, STEMS, 2, 3000), drawn(name, ITEMS, STEMS)
    others = numbers.clone()
    others[:, 1:] = drawn(name, ITEMS, STEMS, seed=1)[:, 1:]
    section = section_of(name, 0.5)
    assert torch.equal(
        changed(name, stems, numbers, section), changed(name, stems, others, section)
    )


@pytest.mark.parametrize("name", [name for name in NAMES if name.values[0] != "remix"])
def test_items_do_not_know_of_each_other(name):
    stems, numbers = noise(ITEMS, STEMS, 2, 3000), drawn(name, ITEMS, STEMS)
    whole = changed(name, stems, numbers, section_of(name))
    alone = [
        changed(name, stems[item : item + 1], numbers[item : item + 1], section_of(name))
        for item in range(ITEMS)
    ]
    # Transforms of several rows at once may add in another order: 1e-6 is ten roundings of these amplitudes.
    torch.testing.assert_close(torch.cat(alone), whole, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_split_between_its_groups_gives_what_the_whole_gives(name):
    stems, numbers = noise(ITEMS, STEMS, 2, 3000), drawn(name, ITEMS, STEMS)
    whole = changed(name, stems, numbers, section_of(name))
    halves = [
        changed(name, part, own, section_of(name))
        for part, own in zip(stems.split(4), numbers.split(4), strict=True)
    ]
    torch.testing.assert_close(torch.cat(halves), whole, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_numbers_may_be_of_double_width_and_end_where_rounding_puts_them(name):
    # 1 - 2^-53 is below 1, but 1 in single width: whatever is made of it must stay in range.
    stems, numbers = noise(ITEMS, STEMS, 2, 3000), drawn(name, ITEMS, STEMS).double()
    numbers[..., 1:] = 1.0 - 2.0**-53
    for given in (numbers, numbers.float()):
        result = changed(name, stems, given, section_of(name, 1.0))
        assert result.dtype == torch.float32
        assert result.isfinite().all()


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name.values[0] not in ("tempo", "pitch")]
)
def test_stems_may_lie_on_another_device_than_their_numbers(name):
    # A tensor on `meta` has no values; but operations refuse it beside one on the CPU, as those on a GPU do.
    stems = noise(ITEMS, STEMS, 2, 3000).to("meta")
    result = changed(name, stems, drawn(name, ITEMS, STEMS), section_of(name, 0.9))
    assert result.device.type == "meta"
    assert result.shape == unchanged(name, stems).shape
