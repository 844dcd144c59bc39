"""Every loss of the catalogue, against closed forms."""

import subprocess
import sys
from typing import get_args

import pytest
import torch

from auralflow.errors import ConfigError, ModelError
from auralflow.losses import LOSSES, LossName, create_loss, l1, l2, smooth_l1

NAMES = sorted(LOSSES)


def test_the_names_for_the_configuration_are_those_of_the_catalogue():
    assert set(get_args(LossName)) == set(LOSSES)


@pytest.mark.parametrize("name", NAMES)
def test_agreement_costs_nothing(name):
    audio = torch.linspace(-1, 1, 30).reshape(1, 2, 1, 15)
    assert create_loss(name)(audio, audio.clone()).item() == 0


@pytest.mark.parametrize("name", NAMES)
def test_silence_in_a_batch_of_one_has_a_finite_loss_and_gradient(name):
    estimate = torch.zeros(1, 1, 2, 8, requires_grad=True)
    loss = create_loss(name)(estimate, torch.zeros(1, 1, 2, 8))
    (slope,) = torch.autograd.grad(loss, estimate)
    assert loss.shape == ()
    assert torch.isfinite(slope).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_is_the_mean_so_repeating_the_batch_does_not_change_it(name):
    estimate = torch.tensor([[0.5, -0.25, 0.0, 2.0]])
    reference = torch.tensor([[0.0, 0.25, 0.01, 0.0]])
    once = create_loss(name)(estimate, reference)
    thrice = create_loss(name)(estimate.repeat(3, 1), reference.repeat(3, 1))
    torch.testing.assert_close(once, thrice)


@pytest.mark.parametrize("name", NAMES)
def test_shapes_that_would_only_broadcast_are_an_error(name):
    with pytest.raises(ModelError, match=r"\(2, 1, 4\).*\(2, 3, 4\)"):
        create_loss(name)(torch.zeros(2, 1, 4), torch.zeros(2, 3, 4))


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


def test_a_name_is_found_in_any_case():
    assert create_loss("Smooth-L1") is smooth_l1


def test_an_unknown_loss_is_an_error_that_lists_the_known_ones():
    with pytest.raises(ConfigError, match=r"'l3'.*l1, l2, smooth-l1"):
        create_loss("l3")


def test_the_names_are_importable_without_torch():
    check = "import sys, auralflow.losses.names; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
