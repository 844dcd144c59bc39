"""Activation checkpointing: the same gradients and statistics, with less kept in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from auralflow import train
from auralflow.checkpoints import read_checkpoint
from auralflow.errors import ConfigError
from auralflow.models import Separator
from auralflow.training.compiling import compile_levels
from auralflow.training.recomputing import recompute_activations
from tests.models.networks import CASES, network
from tests.training.conftest import TINY

ABLE = [case for case in CASES if case.family != "openunmix" and case.channels == 2]


def _pair(case: Any) -> tuple[Separator, Separator]:
    nets = []
    for _ in range(2):
        torch.manual_seed(0)
        nets.append(network(case))
    for net in nets:
        for part in net.modules():
            if isinstance(part, nn.Dropout):
                part.p = 0.5  # for those whose default is none
    return nets[0], nets[1]


def _learn(net: Separator) -> Tensor:
    torch.manual_seed(1)
    mixture = 0.3 * torch.randn(2, net.signal.channels, 3000)
    estimate = net.estimate(mixture)
    loss = estimate.values.square().mean() + sum(estimate.penalties.values())
    torch.autograd.backward(loss)
    return loss.detach()


@contextmanager
def _bytes_kept(net: Separator) -> Iterator[list[int]]:
    """What autograd keeps: tensors saved outside the parts that are computed again, and what goes into those."""
    kept: dict[int, int] = {}
    own = {weights.untyped_storage().data_ptr() for weights in net.parameters()}

    def keep(tensor: Any) -> Any:
        if isinstance(tensor, Tensor) and tensor.untyped_storage().data_ptr() not in own:
            kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    hooks = [
        part.register_forward_pre_hook(lambda _, given: [keep(entry) for entry in given] and None)
        for part in net.recomputed()
    ]
    total: list[int] = []
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        yield total
    total.append(sum(kept.values()))
    for hook in hooks:
        hook.remove()


@pytest.mark.parametrize("case", {case.name: case for case in ABLE}.values(), ids=str)
def test_gradients_and_running_statistics_are_those_of_a_network_that_keeps_everything(case):
    plain, forgetful = _pair(case)
    recompute_activations(forgetful)
    for _ in range(2):
        assert torch.equal(_learn(plain), _learn(forgetful))
    for (name, one), other in zip(plain.named_parameters(), forgetful.parameters(), strict=True):
        assert (one.grad is None) == (other.grad is None), name
        if one.grad is not None and other.grad is not None:
            assert torch.equal(one.grad, other.grad), name
    other_state = forgetful.state_dict()
    assert list(plain.state_dict()) == list(other_state)
    for name, value in plain.state_dict().items():
        assert torch.equal(value, other_state[name]), name


@pytest.mark.parametrize("base", ["UNetSpec", "UNetAudio", "Demucs", "HDemucs", "HTDemucs"])
def test_less_is_kept(base):
    # A mask in the audio domain acts on a filter bank, which is most of so small a network.
    case = next(
        case for case in ABLE if case.name == base and (case.domain, case.task) != ("audio", "mask")
    )
    kept = []
    for net, is_on in zip(_pair(case), (False, True), strict=True):
        if is_on:
            recompute_activations(net)
        with _bytes_kept(net) as total:
            net.estimate(0.3 * torch.randn(2, net.signal.channels, 3000))
        kept += total
    # The measure is itself right where all is kept: each level keeps its input at least.
    assert kept[1] < 0.6 * kept[0]


def test_in_eval_and_without_gradients_nothing_is_different():
    plain, forgetful = _pair(ABLE[0])
    recompute_activations(forgetful)
    mixture = torch.randn(1, ABLE[0].channels, 2000)
    assert torch.equal(plain.eval()(mixture), forgetful.eval()(mixture))
    forgetful.train()
    with torch.no_grad():
        assert forgetful(mixture).grad_fn is None


def test_a_network_without_it_names_those_that_have_it():
    case = next(case for case in CASES if case.family == "openunmix")
    with pytest.raises(ConfigError, match=r"which OpenUnmix does not offer: .*UNetSpec.*HTDemucs"):
        recompute_activations(network(case))


def test_a_run_ends_with_the_weights_of_one_that_keeps_everything(songs):
    options = {**TINY, "num_dropouts": 2}
    one = train(name="one", data=songs, epochs=1, **options)
    other = train(name="other", data=songs, epochs=1, recompute_activations=True, **options)
    for name, weights in read_checkpoint(one.latest).state.items():
        assert torch.equal(weights, read_checkpoint(other.latest).state[name]), name


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # torch.compile's own, which differ from version to version
@pytest.mark.parametrize("base", ["UNetSpec", "Demucs", "HTDemucs"])
def test_it_works_with_compiled_levels(base):
    case = next(case for case in ABLE if case.name == base)
    nets = _pair(case)
    for net in nets:
        for part in net.modules():
            if isinstance(part, nn.Dropout):
                part.p = 0.0
    compile_levels(nets[1], recomputes=True)
    recompute_activations(nets[1])
    losses = [_learn(net) for net in nets]
    torch.testing.assert_close(losses[0], losses[1], rtol=1e-4, atol=0)
    for (name, one), other in zip(nets[0].named_parameters(), nets[1].parameters(), strict=True):
        if one.grad is not None:
            limit = 1e-3 * float(one.grad.abs().max()) + 1e-7
            torch.testing.assert_close(one.grad, other.grad, rtol=0, atol=limit, msg=name)
    for name, value in nets[0].named_buffers():
        torch.testing.assert_close(value, nets[1].get_buffer(name), rtol=1e-3, atol=1e-5, msg=name)
