"""A wide LSTM answers, and learns, as torch's does; torch's is the reference."""

import copy

import pytest
import torch
from torch import nn

from auralflow.models.layers import lstm as room
from auralflow.models.layers.lstm import lay_side_by_side, run_lstm


@pytest.fixture
def _all_are_wide(monkeypatch):
    monkeypatch.setattr(room, "_WIDE", 0)


@pytest.mark.usefixtures("_all_are_wide")
@pytest.mark.parametrize(("frames", "batch"), [(1, 1), (1, 3), (2, 1), (40, 2)])
@pytest.mark.parametrize("layers", [1, 3])
def test_answers_and_gradients_are_those_of_torch(frames, batch, layers):
    torch.manual_seed(0)
    network = nn.LSTM(6, 8, layers, bidirectional=True)
    heard = torch.randn(frames, batch, 6)
    gradients = []
    answers = []
    for ours in (True, False):
        given = heard.clone().requires_grad_()
        answer = run_lstm(network, given) if ours else network(given)[0]
        slope = torch.cos(torch.arange(answer.numel())).reshape(answer.shape)
        network.zero_grad()
        torch.autograd.backward((answer * slope).sum())
        answers.append(answer.detach())
        gradients.append([given.grad, *(weight.grad for weight in network.parameters())])
    # Six digits of float32, over forty steps.
    assert torch.allclose(answers[0], answers[1], atol=1e-5)
    for our, their in zip(*gradients, strict=True):
        assert our is not None
        assert torch.allclose(our, their, atol=1e-4)


@pytest.mark.usefixtures("_all_are_wide")
def test_frozen_frames_and_no_gradient_at_all_are_fine():
    network = nn.LSTM(4, 4, bidirectional=True)
    heard = torch.randn(5, 2, 4)
    torch.autograd.backward(run_lstm(network, heard).sum())
    assert network.get_parameter("weight_ih_l0").grad is not None
    with torch.no_grad():
        assert torch.allclose(run_lstm(network, heard), network(heard)[0], atol=1e-6)


@pytest.mark.usefixtures("_all_are_wide")
def test_weights_lie_side_by_side_until_they_are_copied_and_are_the_same_anywhere():
    torch.manual_seed(0)
    network = nn.LSTM(6, 8, 2, bidirectional=True)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    heard = torch.randn(5, 2, 6)
    theirs = network(heard)[0]
    lay_side_by_side(network)
    assert all(torch.equal(before[name], weight) for name, weight in network.state_dict().items())
    network.load_state_dict(before)
    ways = [network.get_parameter(f"weight_hh_l1{side}") for side in ("", "_reverse")]
    assert ways[1].data_ptr() - ways[0].data_ptr() == 4 * ways[0].numel()
    for one in (network, copy.deepcopy(network)):
        with torch.no_grad():
            assert torch.allclose(run_lstm(one, heard), theirs, atol=1e-6)
    torch.autograd.backward(run_lstm(network, heard).sum())
    torch.optim.SGD(network.parameters(), lr=0.1).step()
    with torch.no_grad():
        assert not torch.allclose(run_lstm(network, heard), theirs, atol=1e-3)
        assert torch.allclose(run_lstm(network, heard), network(heard)[0], atol=1e-6)


@torch.no_grad()
def test_narrow_layers_are_torch_s_business():
    network = nn.LSTM(8, 8, bidirectional=True)
    called: list[bool] = []
    network.register_forward_hook(lambda *_: called.append(True))
    run_lstm(network, torch.randn(3, 1, 8))
    assert called == [True]


@torch.no_grad()
def test_mixed_precision_answers_as_full_precision_does():
    network = nn.LSTM(8, 8, bidirectional=True)
    heard = torch.randn(3, 1, 8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        answer = run_lstm(network, heard)
    assert torch.equal(answer, network(heard)[0])
