"""Attention with a graph of its own: torch's answers and gradients, plainly, recomputed, and with dropout."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch.utils.checkpoint import checkpoint

from auralflow.models.layers import repeatable
from auralflow.models.layers.repeatable import attend
from auralflow.training.repeating import same_bits
from tests.models.networks import CASES, network


@pytest.fixture
def wished(monkeypatch):
    monkeypatch.setattr(repeatable, "_is_wished_for", lambda query: True)


def parts() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(2, 3, 5, 4, generator=generator).requires_grad_() for _ in range(3)]


def seen_and_slopes(function: Callable[..., torch.Tensor], **how: float) -> list[torch.Tensor]:
    given = parts()
    torch.manual_seed(1)
    seen = function(*given, **how)
    return [seen.detach(), *torch.autograd.grad(seen.square().sum(), given)]


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_answers_and_gradients_are_torchs(wished, dropout):
    expected = seen_and_slopes(torch.nn.functional.scaled_dot_product_attention, dropout_p=dropout)
    found = seen_and_slopes(attend, dropout=dropout)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)


def test_a_recomputed_step_has_the_same_gradients(wished):
    def again(*given, **how):
        return checkpoint(lambda *inner: attend(*inner, **how), *given, use_reentrant=False)

    for one, other in zip(seen_and_slopes(again), seen_and_slopes(attend), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_what_was_wished_for_is_demanded_for_the_gradient_alone(wished, monkeypatch):
    said = []
    real = torch.autograd.grad

    def grad(*given, **how):
        said.append(torch.is_deterministic_algorithms_warn_only_enabled())
        return real(*given, **how)

    with same_bits():
        given = parts()
        seen = attend(*given)
        monkeypatch.setattr(torch.autograd, "grad", grad)
        seen.sum().backward()
        assert said == [False]
        assert torch.is_deterministic_algorithms_warn_only_enabled()
    assert given[0].grad is not None


def test_a_network_learns_the_same(monkeypatch):
    case = next(case for case in CASES if case.name == "HTDemucs" and case.channels == 2)
    torch.manual_seed(0)
    one = network(case)
    other = copy.deepcopy(one)
    mixture = 0.1 * torch.randn(2, 2, 4000)
    for model, way in ((one, False), (other, True)):
        monkeypatch.setattr(repeatable, "_is_wished_for", lambda query, way=way: way)
        torch.manual_seed(1)
        model.estimate(mixture).values.square().mean().backward()
    for weights, own in zip(one.parameters(), other.parameters(), strict=True):
        assert (weights.grad is None) == (own.grad is None)
        if weights.grad is not None:
            torch.testing.assert_close(own.grad, weights.grad)
