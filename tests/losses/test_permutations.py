"""Losses that do not care in which order the targets come."""

from itertools import permutations

import pytest
import torch

from auralflow.errors import ConfigError
from auralflow.losses import LOSSES, LossOptions, Pair, create_loss
from tests.losses.signals import (
    RESOLUTION,
    SAMPLE_RATE,
    STFT,
    estimates,
    pair,
    spectral_pair,
    stems,
)

FREE = LossOptions(permutation_invariant=True)


def noise(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def of_samples(estimate: torch.Tensor, truth: torch.Tensor) -> Pair:
    return Pair.of_audio(
        estimate, truth, mixture=truth.sum(1), resolution=RESOLUTION, sample_rate=SAMPLE_RATE
    )


@pytest.mark.parametrize("name", list(LOSSES))
def test_no_order_of_the_estimates_changes_any_loss(name):
    swapped = estimates().flip(1)
    loss = create_loss(name, FREE)
    torch.testing.assert_close(loss(pair(swapped))[0], loss(pair(estimates()))[0])
    magnitudes = STFT(estimates()).abs()
    torch.testing.assert_close(
        loss(spectral_pair(magnitudes.flip(1), stems()))[0],
        loss(spectral_pair(magnitudes, stems()))[0],
    )


@pytest.mark.parametrize("targets", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("name", ["l1", "si-sdr"])
def test_it_is_the_least_of_all_orders_for_each_item(name, targets):
    truth, estimate = (noise(3, targets, 1, 40, seed=seed) for seed in (1, 2))
    plain = create_loss(name)
    expected = [
        min(
            plain(of_samples(estimate[[item]][:, order], truth[[item]]))[0].item()
            for order in permutations(range(targets))
        )
        for item in range(3)
    ]
    found, _ = create_loss(name, FREE)(of_samples(estimate, truth))
    assert found.item() == pytest.approx(sum(expected) / 3, rel=1e-5)


def test_each_item_has_an_order_of_its_own():
    truth = noise(3, 3, 1, 40, seed=1)
    estimate = torch.stack([truth[0], truth[1, [2, 0, 1]], truth[2, [1, 0, 2]]])
    assert create_loss("l1", FREE)(of_samples(estimate, truth))[0].item() == 0


def test_one_order_serves_all_terms_of_a_sum():
    # By the first term alone the estimates are in order, by the second they are not; the second weighs more.
    truth = torch.tensor([[1.0, 1.0], [0.0, 0.2]]).reshape(1, 2, 1, 2)
    estimate = truth.flip(1)
    total, parts = create_loss({"l1": 1.0, "l2": 100.0}, FREE)(of_samples(estimate, truth))
    assert total.item() == 0
    assert [part.item() for part in parts.values()] == [0, 0]


def test_the_gradient_reaches_each_estimate_through_its_own_reference():
    truth = noise(1, 3, 1, 40, seed=1)
    order = [2, 0, 1]
    estimate = (truth[:, order] + 0.01).requires_grad_()
    loss, _ = create_loss("l1", FREE)(of_samples(estimate, truth))
    (slope,) = torch.autograd.grad(loss, estimate)
    torch.testing.assert_close(slope, torch.full_like(slope, 1 / 120))


def test_more_targets_than_can_be_tried_are_an_error():
    audio = noise(1, 6, 1, 40, seed=1)
    with pytest.raises(ConfigError, match=r"6 targets, but at most 5 .*turn it off"):
        create_loss("l1", FREE)(of_samples(audio, audio))
