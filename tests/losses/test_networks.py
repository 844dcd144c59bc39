"""Every loss with every network of the catalogue: the two know nothing of one another."""

import pytest
import torch

from auralflow.losses import LOSSES, LossOptions, Pair, Resolution, create_loss
from tests.models.networks import PARAMS, network


@pytest.mark.parametrize("case", PARAMS, ids=str)
def test_all_losses_of_a_network_are_finite_with_finite_gradients_in_its_weights(case):
    torch.manual_seed(0)
    model = network(case)
    stems = 0.1 * torch.randn(2, case.targets, case.channels, 3000)
    stems[0, 0] = 0
    mixture = stems.sum(1)
    estimate = model.estimate(mixture)
    signal = model.signal
    pair = Pair.of(
        estimate.values,
        estimate.audio,
        stems=stems,
        mixture=mixture,
        represent=model.reference,
        resolution=Resolution(signal.num_fft, signal.window_size, signal.hop_length),
        sample_rate=signal.sample_rate,
    )
    options = LossOptions(permutation_invariant=case.targets > 1)
    total, parts = create_loss(dict.fromkeys(LOSSES, 1.0), options)(pair)
    torch.autograd.backward(total)
    assert [name for name, part in parts.items() if not torch.isfinite(part)] == []
    slopes = [weights.grad for weights in model.parameters() if weights.grad is not None]
    assert slopes
    assert all(torch.isfinite(slope).all() for slope in slopes)
