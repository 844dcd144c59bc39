"""The variational bottleneck."""

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from auralflow.models.layers.variational import Variational

SHAPES = [(3, 5, 7), (3, 5, 7, 2)]


def certain(mean: float, log_variance: float, *, weight: float = 1.0) -> Variational:
    """A layer that gives one distribution whatever it is given."""
    layer = Variational(5, weight=weight)
    with torch.no_grad():
        for part, value in ((layer.mean, mean), (layer.log_variance, log_variance)):
            part.weight.zero_()
            part.bias.fill_(value)
    return layer


@pytest.mark.parametrize("shape", SHAPES)
def test_the_divergence_is_the_closed_form_averaged_over_batch_and_features(shape):
    layer = Variational(5, weight=1.0)
    with torch.no_grad():
        for weights in layer.parameters():
            weights.normal_(0, 0.3)
    features = torch.randn(shape)
    last = features.movedim(1, -1)
    mean, spread = layer.mean(last), (0.5 * layer.log_variance(last)).exp()
    expected = kl_divergence(Normal(mean, spread), Normal(0.0, 1.0)).mean()
    assert torch.allclose(layer(features)[1], expected, rtol=1e-4)


@pytest.mark.parametrize("weight", [0.0, 0.5, 3.0])
def test_the_divergence_comes_weighted(weight):
    # Mean 2 and variance 1: ½ (4 + 1 - 0 - 1) = 2 nats.
    divergence = certain(2.0, 0.0, weight=weight)(torch.randn(2, 5, 4))[1]
    assert divergence.item() == 2 * weight


def test_the_standard_normal_distribution_does_not_diverge_from_itself():
    assert certain(0.0, 0.0)(torch.randn(2, 5, 4))[1].item() == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_training_draws_from_the_distribution_and_eval_takes_its_mean(shape):
    layer = certain(2.0, 2 * torch.tensor(0.5).log().item())
    features = torch.randn(shape)
    assert torch.equal(layer.eval()(features)[0], torch.full(shape, 2.0))
    layer.train()
    assert not torch.equal(layer(features)[0], layer(features)[0])
    draws: Tensor = layer(torch.randn(100, 5, 200))[0].detach()
    # 100 000 draws of deviation ½: their mean is off by 0.0016, and by five times that about never.
    assert float(draws.mean()) == pytest.approx(2.0, abs=0.008)
    assert float(draws.std()) == pytest.approx(0.5, abs=0.006)


def test_the_mean_in_eval_is_a_mix_of_the_features_of_each_place_alone():
    layer = Variational(5, weight=1.0).eval()
    features = torch.randn(2, 5, 6)
    before = layer(features)[0]
    features[0, :, 2] += 1
    changed = (layer(features)[0] != before).any(1)
    assert changed.nonzero().tolist() == [[0, 2]]


def test_gradients_reach_mean_and_variance_from_the_output_and_from_the_divergence():
    for result in (0, 1):
        layer = Variational(5, weight=0.1)
        torch.autograd.backward(layer(torch.randn(4, 5, 6))[result].square().sum())
        for name, weights in layer.named_parameters():
            assert weights.grad is not None, name
            assert weights.grad.abs().sum() > 0, name


def test_a_wild_variance_stays_finite():
    for log_variance in (-1e6, 1e6):
        latent, divergence = certain(0.0, log_variance)(torch.randn(2, 5, 4))
        assert latent.isfinite().all()
        assert divergence.isfinite()


def test_drawing_computes_in_float32_under_mixed_precision():
    layer = certain(2.0, -4.0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        latent, divergence = layer(torch.randn(2, 5, 4).bfloat16())
    assert (latent.dtype, divergence.dtype) == (torch.bfloat16, torch.float32)
