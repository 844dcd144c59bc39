"""Every network of the catalogue says on a GPU what it says on the processor, forth and back."""

import copy
import math

import pytest
import torch

from tests.models.networks import CASES, Case, network

SAMPLES = 4000


def _mixture(channels: int) -> torch.Tensor:
    return 0.1 * torch.randn(2, channels, SAMPLES, generator=torch.Generator().manual_seed(1))


def _decibels(error: torch.Tensor, truth: torch.Tensor) -> float:
    return 20 * math.log10(max(float(error.norm() / truth.norm()), 1e-12))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_separated_stems_are_the_processors(case: Case) -> None:
    torch.manual_seed(0)
    one = network(case).eval()
    other = copy.deepcopy(one).cuda()
    mixture = _mixture(case.channels)
    with torch.inference_mode():
        expected, found = one(mixture), other(mixture.cuda())
    assert found.device.type == "cuda"
    assert found.dtype == torch.float32
    assert _decibels(found.cpu() - expected, expected) < -90


@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradients_are_the_processors(case: Case) -> None:
    torch.manual_seed(0)
    one = network(case).eval()  # What is random draws other numbers on a GPU.
    other = copy.deepcopy(one).cuda()
    mixture = _mixture(case.channels)
    for model in (one, other):
        # cuDNN's recurrent layers have gradients in training mode only.
        model.train(any(isinstance(part, torch.nn.LSTM) for part in model.modules()))
        for part in model.modules():
            if isinstance(part, torch.nn.Dropout | torch.nn.LSTM):
                part.eval() if isinstance(part, torch.nn.Dropout) else setattr(part, "dropout", 0.0)
        place = next(model.parameters()).device
        estimate = model.estimate(mixture.to(place))
        truth = model.reference(torch.stack([mixture.to(place)] * case.targets, 1))
        (estimate.values - 0.3 * truth).abs().mean().backward()
    largest = max(float(w.grad.abs().max()) for w in one.parameters() if w.grad is not None)
    for (name, weight), own in zip(one.named_parameters(), other.parameters(), strict=True):
        if weight.grad is None:
            assert own.grad is None, name
            continue
        assert own.grad is not None
        scale = max(float(weight.grad.abs().max()), 1e-3 * largest)
        deviation = float((own.grad.cpu() - weight.grad).abs().max())
        assert deviation < 2e-3 * scale, name


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("case", [c for c in CASES if c.channels == 2 and c.targets == 4], ids=str)
def test_half_the_bits_are_near_the_whole(case: Case, kind: torch.dtype) -> None:
    torch.manual_seed(0)
    model = network(case).eval().cuda()
    mixture = _mixture(case.channels).cuda()
    with torch.inference_mode():
        expected = model(mixture)
        with torch.autocast("cuda", kind):
            found = model(mixture)
    assert found.dtype == torch.float32
    assert _decibels(found - expected, expected) < -25
