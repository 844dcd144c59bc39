"""Resampling by two keeps what both rates can hold, and nothing else."""

import math

import pytest
import torch

from auralflow.dsp.halfband import Halfband


def sine(frequency: float, rate: float, samples: int) -> torch.Tensor:
    return torch.sin(
        2 * math.pi * frequency / rate * torch.arange(samples, dtype=torch.float64)
    ).float()


@pytest.mark.parametrize("samples", [1, 2, 3, 63, 64, 65, 127, 128, 129, 1000])
def test_lengths_are_doubled_and_halved_rounded_down(samples):
    audio = torch.randn(2, 3, samples)
    assert Halfband().up(audio).shape == (2, 3, 2 * samples)
    assert Halfband().down(audio).shape == (2, 3, samples // 2)


@pytest.mark.parametrize("samples", [2, 64, 129, 1000])
def test_a_constant_stays_up_to_its_ends(samples):
    # The taps sum to one, and the ends go on for ever.
    constant = torch.full((1, samples), 0.5)
    assert torch.allclose(Halfband().up(constant), torch.tensor(0.5), atol=1e-6)
    assert torch.allclose(Halfband().down(constant), torch.tensor(0.5), atol=1e-6)


@pytest.mark.parametrize("frequency", [100.0, 1000.0, 3000.0])
def test_a_sine_is_the_same_sine_at_the_other_rate(frequency):
    # The filter falls around 0.945 of 4 kHz, and well below it is flat to 1e-3; 100 samples from the ends it knows nothing of them.
    slow, fast = sine(frequency, 8000, 2000), sine(frequency, 16_000, 4000)
    assert torch.allclose(Halfband().up(slow)[200:-200], fast[200:-200], atol=1e-3)
    assert torch.allclose(Halfband().down(fast)[100:-100], slow[100:-100], atol=1e-3)


def test_what_the_lower_rate_cannot_hold_is_gone():
    # 5 kHz would come back as 3 kHz at a rate of 8 kHz.
    assert Halfband().down(sine(5000, 16_000, 4000))[100:-100].abs().max() < 1e-3


def test_blocks_are_the_convolution_they_stand_for():
    # An impulse anywhere in a block gives the filter, moved: outputs of blocks fit together without seams.
    audio = torch.zeros(1, 400)
    audio[0, 150] = 1.0
    moved = torch.zeros(1, 400)
    moved[0, 217] = 1.0
    up = Halfband().up
    assert torch.allclose(up(audio)[:, 200:400], up(moved)[:, 334:534], atol=1e-7)
    # About its middle the filter is symmetric.
    answer = up(audio)[0]
    assert torch.allclose(answer[300:360], answer[240:301].flip(0)[:60], atol=1e-6)


def test_a_gradient_goes_through_both_directions():
    audio = torch.randn(1, 1, 90, requires_grad=True)
    half = Halfband()
    torch.autograd.backward(half.down(half.up(audio)).square().sum())
    assert audio.grad is not None
    assert audio.grad.isfinite().all()
    assert audio.grad.abs().min() > 0


def test_nothing_of_it_is_stored_with_a_network():
    assert Halfband().state_dict() == {}
