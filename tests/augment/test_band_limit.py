"""The low pass against what it lets through."""

import pytest
import torch

from auralflow.augment.band_limit import limit_band
from auralflow.augment.options import BandLimitConfig
from tests.augment.cases import noise, one

RATE = 44100
AT_16_KHZ = BandLimitConfig(probability=1.0, low_hz=16000.0, high_hz=16000.0)


def tone(hz: float, samples: int = RATE) -> torch.Tensor:
    time = torch.arange(samples, dtype=torch.float64) / RATE
    return (2 * torch.pi * hz * time).sin().float()[None, None, None]


def level_db(hz: float, config: BandLimitConfig, number: float = 0.0) -> float:
    """By how much the middle half of a second of a tone is louder afterwards."""
    heard = limit_band(tone(hz), one(0, number), config, RATE)
    middle = slice(RATE // 4, 3 * RATE // 4)
    ratio = heard[..., middle].square().sum() / tone(hz)[..., middle].square().sum()
    return float(10 * (ratio + 1e-20).log10())


def test_below_the_edge_nothing_changes_and_above_it_nothing_is_left():
    assert level_db(15740, AT_16_KHZ) == pytest.approx(0.0, abs=0.01)
    assert level_db(16000, AT_16_KHZ) == pytest.approx(-6.02, abs=0.1)
    assert level_db(16260, AT_16_KHZ) < -80
    assert level_db(20000, AT_16_KHZ) < -80


def test_the_cut_off_is_drawn_between_the_ends_of_its_range():
    config = BandLimitConfig(probability=1.0, low_hz=11000.0, high_hz=19000.0)
    for number, hz in ((0.0, 11000), (0.5, 15000), (0.75, 17000)):
        assert level_db(hz - 260, config, number) == pytest.approx(0.0, abs=0.01)
        assert level_db(hz + 260, config, number) < -80


def test_it_delays_nothing_and_rings_as_long_before_a_click_as_behind_it():
    click = torch.zeros(1, 1, 1, 20001)
    click[..., 10000] = 1.0
    heard = limit_band(click, one(0, 0), AT_16_KHZ, RATE)[0, 0, 0]
    assert heard.argmax() == 10000
    torch.testing.assert_close(heard, heard.flip(0), rtol=0, atol=1e-6)
    # Beyond 50 ms it is 100 dB down: the padding holds all there is, and nothing wraps round.
    assert heard[: 10000 - 2205].abs().max() < 1e-5


@pytest.mark.parametrize("place", [0, -1])
def test_what_lies_at_one_end_is_not_heard_at_the_other(place):
    # A length that a fast transform needs no padding for.
    click = torch.zeros(1, 1, 1, 45000)
    click[..., place] = 1.0
    heard = limit_band(click, one(0, 0), AT_16_KHZ, RATE)[0, 0, 0]
    far = heard[-4000:] if place == 0 else heard[:4000]
    assert far.abs().max() < 1e-5


def test_filtered_stems_add_up_to_the_filtered_mixture():
    stems = noise(2, 4, 2, 5000)
    numbers = torch.tensor([0, 0.3]).expand(2, 4, 2)
    config = BandLimitConfig(probability=1.0)
    summed = limit_band(stems, numbers, config, RATE).sum(1, keepdim=True)
    mixture = limit_band(stems.sum(1, keepdim=True), numbers[:, :1], config, RATE)
    torch.testing.assert_close(summed, mixture, rtol=0, atol=1e-6)


def test_where_there_is_nothing_above_the_cut_off_nothing_is_done():
    stems = noise(1, 1, 1, 500)
    config = BandLimitConfig(probability=1.0, low_hz=8300.0)
    assert limit_band(stems, one(0, 0), config, 16000) is stems
