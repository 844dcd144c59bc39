"""The weighted logarithmic error: closed forms and torch-log-wmse."""

import math

import pytest
import torch

from auralflow.losses.log_wmse import log_wmse
from tests.losses.signals import estimates, stems

PERFECT = 4 * math.log(1e-8)


def cost(estimate: torch.Tensor, truth: torch.Tensor, mixture: torch.Tensor) -> torch.Tensor:
    return log_wmse(estimate, truth, mixture, sample_rate=44_100)


@pytest.mark.parametrize("gain", [1.0, 0.0])
def test_a_perfect_estimate_costs_the_least_silent_or_not(gain):
    truth = gain * stems()
    assert cost(truth, truth, stems().sum(1)).flatten().tolist() == pytest.approx([PERFECT] * 4)


def test_what_is_left_of_the_mixture_in_a_silent_stem_counts_by_its_share():
    # A tenth of the mixture in either stem: 4 ln 0.01, as the example in log-wmse-audio-quality's README, 18.42
    mixture = stems().sum(1)
    left = 0.1 * mixture.unsqueeze(1).expand(-1, 2, -1, -1)
    found = cost(left, torch.zeros_like(left), mixture)
    assert found.flatten().tolist() == pytest.approx([4 * math.log(0.01)] * 4, rel=1e-5)


def test_it_does_not_change_if_everything_gets_louder():
    expected = cost(estimates(), stems(), stems().sum(1))
    found = cost(8 * estimates(), 8 * stems(), 8 * stems().sum(1))
    torch.testing.assert_close(found, expected)


def test_the_mixture_gets_no_gradient():
    mixture = stems().sum(1).requires_grad_()
    found = cost(estimates().requires_grad_(), stems(), mixture)
    torch.autograd.backward(found.sum())
    assert mixture.grad is None


def test_it_agrees_with_torch_log_wmse():
    # torch-log-wmse 1.1.0, mean over channels of LogWMSELoss.per_stem, on the same signals, and with a silent second stem
    silent = stems()
    silent[:, 1] = 0
    expected = [
        (stems(), [[-21.7387, -18.8881], [-16.6318, -17.9455]]),
        (silent, [[-20.4585, -4.1412], [-11.0452, 4.3778]]),
    ]
    for truth, values in expected:
        found = cost(estimates(), truth, truth.sum(1))
        torch.testing.assert_close(found, torch.tensor(values), rtol=0, atol=1e-4)
