"""How well people hear a frequency: closed forms and torch-log-wmse."""

import math

import pytest
import torch

from auralflow.dsp.hearing import (
    autocorrelation_of_hearing,
    response,
    sensitivity,
    weighted_power,
)


def tone(hertz: float, *, sample_rate: int = 44_100) -> torch.Tensor:
    return torch.sin(2 * math.pi * hertz * torch.arange(2 * sample_rate) / sample_rate)


@pytest.mark.parametrize(
    ("hertz", "decibels"),
    [
        (50, -15.31927),
        (125, -2.52266),
        (500, 2.53421),
        (1000, 1.49269),
        (3150, 4.22632),
        (10_000, -1.01496),
        (16_000, -12.30299),
        (20_000, -30.94102),
    ],
)
def test_frequencies_are_weighted_as_in_torch_log_wmse(hertz, decibels):
    # Response of the impulse response that torch-log-wmse 1.1.0 ships
    found = 10 * math.log10(response(torch.tensor(float(hertz), dtype=torch.float64)).item())
    assert found == pytest.approx(decibels, abs=1e-4)


@pytest.mark.parametrize("sample_rate", [16_000, 44_100, 48_000])
def test_a_tone_is_weighted_alike_at_every_sample_rate(sample_rate):
    expected = 0.5 * sensitivity(torch.tensor(3000.0, dtype=torch.float64)).item()
    found = weighted_power(tone(3000, sample_rate=sample_rate), sample_rate).item()
    assert found == pytest.approx(expected, rel=2e-3)


def test_nothing_is_heard_above_the_reach_of_hearing():
    assert weighted_power(tone(23_000, sample_rate=48_000), 48_000).item() < 1e-4
    assert sensitivity(torch.tensor([0.0, 22_050.0, 30_000.0])).max().item() < 1e-9
    assert response(torch.tensor([22_051.0, 30_000.0])).max().item() == 0


@pytest.mark.parametrize("sample_rate", [16_000, 44_100, 48_000])
def test_the_autocorrelations_multiply_to_the_energy_behind_the_filters(sample_rate):
    # A single sample of 1 has an autocorrelation of 1 at lag 0 and nothing else: energy is that of the impulse response.
    impulse = torch.zeros(sample_rate)
    impulse[100] = 1
    expected = weighted_power(impulse, sample_rate).item() * sample_rate
    found = autocorrelation_of_hearing(sample_rate)
    assert found[0].item() == pytest.approx(expected, rel=1e-5)
    # Beyond its 4000 samples the impulse response is silent.
    assert found[math.ceil(0.0908 * sample_rate) :].abs().max().item() < 1e-6
