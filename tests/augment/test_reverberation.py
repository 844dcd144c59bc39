"""Rooms against what a reverberation time means."""

import numpy as np
import pytest
import torch

from auralflow.augment.options import ReverbConfig
from auralflow.augment.reverberation import reverberate, room_tails
from tests.augment.cases import noise, one

RATE = 16000


def tails(*, seconds: float, key: float = 0.3, channels: int = 2, samples: int = RATE):
    return room_tails(
        torch.tensor([seconds]),
        torch.tensor([key]),
        channels=channels,
        samples=samples,
        sample_rate=RATE,
    )


def fixed(seconds: float, wet: float) -> ReverbConfig:
    return ReverbConfig(
        probability=1.0, low_seconds=seconds, high_seconds=seconds, low_wet=wet, high_wet=wet
    )


@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.0])
def test_the_level_falls_by_60_db_in_the_reverberation_time(seconds):
    tail = tails(seconds=seconds)[0].double()
    # Schroeder's backward integral, whose slope is the decay, between -5 and -35 dB as ISO 3382 measures T30.
    left = tail.square().sum(0).flip(0).cumsum(0).flip(0)
    level_db = (10 * (left / left[0]).log10()).numpy()
    place = np.flatnonzero((level_db < -5) & (level_db > -35))
    slope = np.polyfit(place / RATE, level_db[place], 1)[0]
    # The noise itself moves the line a little.
    assert slope * seconds == pytest.approx(-60.0, rel=0.05)


def test_a_tail_has_the_energy_of_the_direct_sound_in_each_channel_and_starts_after_it():
    tail = tails(seconds=0.5)[0]
    torch.testing.assert_close(tail.square().sum(-1), torch.ones(2))
    assert torch.equal(tail[:, 0], torch.zeros(2))
    assert (tail[:, 1] != 0).all()


def test_left_and_right_have_nothing_to_do_with_each_other_nor_have_two_rooms():
    left, right = tails(seconds=0.5)[0]
    other = tails(seconds=0.5, key=0.30001)[0, 0]
    # Correlations of white noise of unit energy, of which some thousand samples weigh: about 0.03.
    for second in (right, other):
        assert abs(float(left @ second)) < 0.1


def test_the_noise_is_white():
    tail = tails(seconds=100.0, channels=1)[0, 0, 1:].double()
    assert abs(float(tail.mean())) < 3 / RATE
    spectrum = torch.fft.rfft(tail).abs().square()
    bands = torch.stack([part.mean() for part in spectrum.tensor_split(8)])
    # Each is a mean of 1000 exponential variables: 3 % from the mean of all, more or less.
    assert (bands / bands.mean() - 1).abs().max() < 0.12


def test_dry_is_bit_for_bit_the_direct_sound():
    stems = noise(1, 1, 2, 5000)
    assert torch.equal(reverberate(stems, one(0, 0.5, 0.5, 0.5), fixed(0.5, 0.0), RATE), stems)


def test_a_click_comes_back_as_itself_and_the_room():
    stems = torch.zeros(1, 1, 2, 2 * RATE)
    stems[..., 100] = 1.0
    heard = reverberate(stems, one(0, 0.0, 0.0, 0.3), fixed(0.5, 0.25), RATE)[0, 0]
    room = tails(seconds=0.5, samples=RATE // 2)[0]
    assert torch.equal(heard[:, :100].abs() < 1e-6, torch.ones(2, 100, dtype=torch.bool))
    torch.testing.assert_close(heard[:, 100], torch.ones(2), rtol=0, atol=1e-6)
    torch.testing.assert_close(
        heard[:, 101 : 101 + RATE // 2], 0.25 * room[:, 1:], rtol=0, atol=1e-6
    )
    assert heard[:, 101 + RATE // 2 :].abs().max() < 1e-6


def test_it_is_the_plain_convolution_and_nothing_wraps_round():
    stems = noise(1, 1, 1, 1000)
    heard = reverberate(stems, one(0, 0.0, 0.0, 0.7), fixed(0.05, 1.0), RATE)[0, 0, 0]
    room = tails(seconds=0.05, key=0.7, channels=1, samples=800)[0, 0]
    signal = stems[0, 0, 0].double().numpy()
    expected = signal + np.convolve(signal, room.double().numpy())[:1000]
    np.testing.assert_allclose(heard.numpy(), expected, atol=1e-6)


def test_it_is_linear():
    first, second = noise(1, 1, 2, 4000), noise(1, 1, 2, 4000, seed=1)
    numbers, config = one(0, 0.5, 0.5, 0.5), ReverbConfig(probability=1.0)
    together = reverberate(first + 2 * second, numbers, config, RATE)
    apart = reverberate(first, numbers, config, RATE) + 2 * reverberate(
        second, numbers, config, RATE
    )
    torch.testing.assert_close(together, apart, rtol=0, atol=2e-6)


def test_numbers_choose_reverberation_time_and_amplitude_within_their_ranges():
    stems = torch.zeros(1, 2, 1, RATE)
    stems[..., 0] = 1.0
    config = ReverbConfig(
        probability=1.0, low_seconds=0.1, high_seconds=0.9, low_wet=0.2, high_wet=0.6
    )
    numbers = torch.tensor([[[0, 0.5, 0.5, 0.3], [0, 0.0, 0.0, 0.3]]])
    heard = reverberate(stems, numbers, config, RATE)[0, :, 0]
    energy = heard[:, 1:].square().sum(-1).sqrt()
    torch.testing.assert_close(energy, torch.tensor([0.4, 0.2]), rtol=0.01, atol=0)
    middle = room_tails(
        torch.tensor([0.5]), torch.tensor([0.3]), channels=1, samples=14400, sample_rate=RATE
    )
    torch.testing.assert_close(heard[0, 1:14401], 0.4 * middle[0, 0, 1:], rtol=0, atol=1e-6)
