"""The distances as functions of two tensors, against closed forms."""

import pytest
import torch

from auralflow.errors import ModelError
from auralflow.losses import l1, l2, smooth_l1

FUNCTIONS = [l1, l2, smooth_l1]


@pytest.mark.parametrize("loss", FUNCTIONS)
def test_agreement_costs_nothing(loss):
    audio = torch.linspace(-1, 1, 30).reshape(1, 2, 1, 15)
    assert loss(audio, audio.clone()).item() == 0


@pytest.mark.parametrize("loss", FUNCTIONS)
def test_shapes_that_would_only_broadcast_are_an_error(loss):
    with pytest.raises(ModelError, match=r"\(2, 1, 4\).*\(2, 3, 4\)"):
        loss(torch.zeros(2, 1, 4), torch.zeros(2, 3, 4))


def test_l1_is_the_mean_absolute_difference():
    # |0.5| + |−1| + 0 + |0.1| over 4 values
    loss = l1(torch.tensor([0.5, 0.0, 0.2, 0.1]), torch.tensor([0.0, 1.0, 0.2, 0.0]))
    assert loss.item() == pytest.approx(1.6 / 4)


def test_l2_is_the_mean_squared_difference():
    # 0.25 + 1 + 0 + 0.01 over 4 values
    loss = l2(torch.tensor([0.5, 0.0, 0.2, 0.1]), torch.tensor([0.0, 1.0, 0.2, 0.0]))
    assert loss.item() == pytest.approx(1.26 / 4)


def test_smooth_l1_is_square_below_its_knee_and_straight_above():
    # 0.05² / (2 · 0.1) below; 0.5 − 0.1 / 2 above
    loss = smooth_l1(torch.tensor([0.05, 0.5]), torch.zeros(2))
    assert loss.item() == pytest.approx((0.0125 + 0.45) / 2)
