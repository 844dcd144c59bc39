"""`torch.compile` for training: the same network, and a sentence where this machine cannot compile."""

import pytest
import torch
from torch import nn

from auralflow.errors import TrainingError
from auralflow.models import ARCHITECTURES, Separator, create
from auralflow.training.compiling import compile_levels
from tests.models.networks import CASES, Case, network

_STEREO_OF_TWO_FAMILIES = {case.name: case for case in CASES if case.channels == 2}


def test_what_is_missing_is_told_before_training(monkeypatch):
    def no_compiler(_, **__):
        raise RuntimeError("InvalidCxxCompiler: No working C++ compiler found\nmore lines")

    monkeypatch.setattr(torch, "compile", no_compiler)
    with pytest.raises(TrainingError, match=r"No working C\+\+ compiler found\): install a C"):
        compile_levels(network(CASES[0]))


def test_only_training_is_compiled_and_names_of_weights_stay(monkeypatch):
    calls: list[str] = []

    def compiled(function, **_):
        def run(*given):
            calls.append("compiled")
            return function(*given)

        return run

    monkeypatch.setattr(torch, "compile", compiled)
    net = network(CASES[0])
    names = list(net.state_dict())
    compile_levels(net)
    calls.clear()
    net.eval()(torch.randn(1, CASES[0].channels, 2000))
    assert calls == []
    net.train()(torch.randn(1, CASES[0].channels, 2000))
    assert calls == ["compiled"] * len(list(net.levels()))
    assert list(net.state_dict()) == names


def _without_chance(net: Separator) -> Separator:
    """Dropout draws other numbers when it is compiled."""
    for part in net.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
        elif isinstance(part, nn.LSTM):
            part.dropout = 0.0
    return net


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # torch.compile's own, which differ from version to version
@pytest.mark.parametrize("name", [entry.name for entry in ARCHITECTURES if "VAE" not in entry.name])
def test_every_network_says_the_same_compiled(name):
    case: Case = _STEREO_OF_TWO_FAMILIES[name]
    torch.manual_seed(0)
    net = _without_chance(network(case))
    mixture = 0.3 * torch.randn(2, case.channels, 4000)
    plain = net.estimate(mixture).values.detach()
    compile_levels(net)
    compiled = net.estimate(mixture).values
    # Fused arithmetic rounds otherwise.
    assert (compiled - plain).abs().max() <= 1e-4 * plain.abs().max()
    torch.autograd.backward(compiled.square().mean())
    assert all(weights.grad is not None for weights in net.parameters() if weights.requires_grad)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_of_a_network_with_many_levels_none_is_left_uncompiled():
    # Twelve levels of one class, each of a width of its own: torch gives up on a function after eight variants.
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    net = create("demucs", targets=("vocals", "drums"), channels=2, init_features=2)
    compile_levels(net)
    with torch._dynamo.config.patch(fail_on_recompile_limit_hit=True):
        net.train().estimate(0.3 * torch.randn(1, 2, 8000))
    # The LSTM is left to torch's own kernels, on purpose.
    breaks = torch._dynamo.utils.counters["graph_break"]
    assert all("BLSTM.forward" in reason for reason in breaks)
