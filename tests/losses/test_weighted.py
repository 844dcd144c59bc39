"""Weighted sums of losses."""

import pytest
import torch

from auralflow.losses import LOSSES, create_loss
from tests.losses.signals import estimates, pair


def test_a_sum_is_that_of_its_weighted_terms_which_are_told():
    weights = {"l1": 2.0, "multi-resolution-stft": 0.5, "si-sdr": 0.1}
    total, parts = create_loss(weights)(pair())
    assert list(parts) == list(weights)
    for name, weight in weights.items():
        alone, _ = create_loss(name)(pair())
        assert parts[name].item() == pytest.approx(weight * alone.item())
        assert not parts[name].requires_grad
    assert total.item() == pytest.approx(sum(part.item() for part in parts.values()))


def test_a_name_alone_is_a_sum_of_one():
    total, parts = create_loss("L1")(pair())
    assert parts == {"l1": total}


def test_all_losses_can_be_added_up():
    estimate = estimates().requires_grad_()
    total, parts = create_loss(dict.fromkeys(LOSSES, 1.0))(pair(estimate))
    (slope,) = torch.autograd.grad(total, estimate)
    assert set(parts) == set(LOSSES)
    assert torch.isfinite(slope).all()
