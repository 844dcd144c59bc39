"""A batch taken through what is switched on."""

import pytest
import torch

from auralflow.augment import (
    AugmentConfig,
    augment,
    augment_mixture,
    mix,
    wanted_numbers,
)
from auralflow.augment.clipping import clip_mixture
from auralflow.augment.gain import change_gain
from auralflow.augment.remixing import remix
from auralflow.augment.time_shift import shift_in_time
from tests.augment.cases import RATE, config_of, drawn, needs_stretch, noise

STEMS = noise(4, 3, 2, 2000)


def numbers_for(config: AugmentConfig, items: int = 4, stems: int = 3) -> dict[str, torch.Tensor]:
    return {name: drawn(name, items, stems) for name in wanted_numbers(config)}


def test_nothing_switched_on_costs_nothing():
    result = augment(STEMS, {}, AugmentConfig(), sample_rate=RATE, samples=2000)
    assert result.data_ptr() == STEMS.data_ptr()
    assert torch.equal(result, STEMS)
    mixture = mix(STEMS)
    assert augment_mixture(mixture, {}, AugmentConfig(), sample_rate=RATE) is mixture


def test_longer_stems_are_cut_at_their_end():
    result = augment(STEMS, {}, AugmentConfig(), sample_rate=RATE, samples=1500)
    assert torch.equal(result, STEMS[..., :1500])


def test_what_is_switched_on_is_done_in_the_order_of_the_catalogue():
    # A gain is the receiver's own: were it done before the exchange, it would travel with the stem.
    config = AugmentConfig.model_validate(
        {"gain": {"probability": 1.0}, "remix": {"probability": 1.0}}
    )
    numbers = numbers_for(config)
    result = augment(STEMS, numbers, config, sample_rate=RATE, samples=2000)
    remixed = remix(STEMS, numbers["remix"], config.remix, RATE)
    louder = change_gain(remixed, numbers["gain"], config.gain, RATE)
    assert torch.equal(result, louder)


def test_the_mixture_is_the_plain_sum_of_the_augmented_stems_also_beyond_full_scale():
    assert torch.equal(mix(STEMS * 64), (STEMS[:, 0] + STEMS[:, 1] + STEMS[:, 2]) * 64)


def test_only_what_changes_mixtures_makes_them_differ_from_the_sum():
    config = AugmentConfig.model_validate(
        {name: {"probability": 1.0} for name in ("gain", "drop_stem", "clip_mixture")}
    )
    numbers = numbers_for(config)
    stems = augment(STEMS, numbers, config, sample_rate=RATE, samples=2000)
    mixture = augment_mixture(mix(stems), numbers, config, sample_rate=RATE)
    clipped = clip_mixture(mix(stems), numbers["clip_mixture"], config.clip_mixture, RATE)
    assert torch.equal(mixture, clipped)
    assert not torch.equal(mixture, mix(stems))


@needs_stretch
def test_tempo_uses_the_longer_stems_and_leaves_others_as_if_they_had_not_been_longer():
    config = AugmentConfig.model_validate(
        {
            "tempo": {"probability": 0.5, "low": 1.25, "high": 1.25},
            "time_shift": {"probability": 1.0, "seconds": 0.1},
        }
    )
    assert config.samples_to_read(4000) == 5000
    stems, numbers = noise(2, 1, 1, 5000), numbers_for(config, items=2, stems=1)
    numbers["tempo"][:, 0, 0] = torch.tensor([0.25, 0.75])
    result = augment(stems, numbers, config, sample_rate=RATE, samples=4000)
    assert result.shape == (2, 1, 1, 4000)
    # Noise played 1.25 times as fast is noise to the end: 5000 samples are just enough.
    assert result[0, 0, 0, -200:].square().mean() > 0.5 * stems[0].square().mean()
    shift_only = shift_in_time(
        stems[1:, ..., :4000], numbers["time_shift"][1:], config.time_shift, RATE
    )
    assert torch.equal(result[1:], shift_only)


def test_stems_that_are_too_short_are_a_mistake():
    config = config_of("tempo", 0.5, high=1.5)
    with pytest.raises(ValueError, match="2000 samples, and 2000 augmented ones take 3000"):
        augment(STEMS, numbers_for(config), config, sample_rate=RATE, samples=2000)


def test_numbers_for_what_does_not_exist_and_numbers_left_out_are_mistakes():
    with pytest.raises(ValueError, match="no augmentation echo"):
        augment(STEMS, {"echo": torch.zeros(4, 3, 1)}, AugmentConfig(), sample_rate=RATE, samples=9)
    with pytest.raises(ValueError, match="no numbers were drawn for gain"):
        augment(STEMS, {}, config_of("gain"), sample_rate=RATE, samples=9)
