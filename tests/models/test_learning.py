"""Every network of the catalogue learns: gradients reach all of it, and one batch can be learnt by heart."""

import math
from typing import Any

import pytest
import torch

from auralflow.losses import l1
from tests.models.networks import CASES, PARAMS, network

_MORE: dict[str, dict[str, Any]] = {
    "unet": {"output_norm": True, "bottleneck": {"type": "lstm", "layers": 2}},
    "adaptive": {"output_norm": True, "bottleneck": [["gru"], ["attention", 2], ["layer_norm"]]},
}
"""Keys that bring in every kind of part a family has."""


_LARGE = ("Demucs", "HDemucs", "HTDemucs")
_SLOW = [
    case
    for case in CASES
    if (case.name in _LARGE and (case.channels, case.targets) == (1, 1))
    or (case.name in _LARGE[1:] and (case.channels, case.targets) == (2, 4))
    or (case.name not in _LARGE and case.task == "mask" and (case.channels, case.targets) == (2, 4))
]
"""What the others of the same architecture show, at half a second to nine seconds each."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(*param.values, marks=pytest.mark.slow) if param.values[0] in _SLOW else param
        for param in PARAMS
    ],
    ids=str,
)
def case(request):
    return request.param


def test_gradients_reach_every_parameter(case):
    torch.manual_seed(0)
    model = network(case, **_MORE.get(case.family, {}))
    estimate = model.estimate(torch.randn(4, case.channels, 3000))
    torch.autograd.backward(estimate.values.square().mean() + sum(estimate.penalties.values()))
    reached = {
        name: weights.grad is not None and bool(weights.grad.abs().sum() > 0)
        for name, weights in model.named_parameters()
    }
    assert [name for name, is_reached in reached.items() if not is_reached] == []


def test_one_batch_is_learnt_by_heart(case):
    torch.manual_seed(0)
    channels, targets = case.channels, case.targets
    time = torch.arange(4000) / 8000
    tones = [torch.sin(2 * math.pi * pitch * time) for pitch in (300.0, 900.0, 2000.0, 3300.0)]
    stems = 0.2 * torch.stack(tones)[None, :, None].repeat(2, 1, channels, 1)
    mixture = stems.sum(1)
    calm = {"num_dropouts": 0} if case.family in ("unet", "adaptive", "demucs") else {}
    model = network(case, **calm)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    truth = model.reference(stems[:, :targets])
    losses = []
    for _ in range(60):
        loss = l1(model.estimate(mixture).values, truth)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        losses.append(float(loss.detach()))
    # Each tone has bins of its own, so that nothing but learning stands between the network and nearly zero.
    assert losses[-1] < 0.5 * losses[0]
