"""What is computed a block at a time is what torch's layers make of all at once."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.models.hdemucs import convolution, levels
from auralflow.models.layers import blocks, gated, rows
from auralflow.models.layers.rows import Gate, RowConv1d, RowConvTranspose1d, RowGroupNorm
from auralflow.models.tracing import tracing
from tests.models.networks import CASES, Case, network


@pytest.fixture
def small_blocks(monkeypatch) -> None:
    """Blocks of some moments or bins, so that small networks have many."""
    monkeypatch.setattr(blocks, "_BLOCK", 256)


def apart(wanted: Tensor, answer: Tensor) -> float:
    """The largest difference, of the largest value."""
    return float((answer - wanted).abs().max() / wanted.abs().max())


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("moments", [17, 64, 100, 257])
@torch.no_grad()
def test_gated_convolutions(size, moments):
    torch.manual_seed(0)
    conv = RowConv1d(6, 16, size, padding=size // 2)
    features = torch.randn(2, 6, moments)
    wanted = F.glu(F.conv1d(features, conv.weight, conv.bias, padding=size // 2), 1)
    assert apart(wanted, gated.gated(conv, nn.Identity(), Gate(), features)) < 1e-6


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("offset", [0.0, 1000.0])
@pytest.mark.parametrize("affine", [True, False])
@torch.no_grad()
def test_a_norm_over_all_features_is_a_part_of_the_weights(offset, affine):
    """Also where the mean is a thousand times the deviation, which squares of float32 would lose."""
    torch.manual_seed(0)
    conv, norm = RowConv1d(4, 24, 1), RowGroupNorm(1, 24, affine=affine)
    for weight in norm.parameters():
        weight.add_(torch.randn_like(weight))
    features, branch, scale = (
        torch.randn(3, 12, 90),
        torch.randn(3, 4, 90) + offset,
        torch.randn(12),
    )
    bias = conv.get_parameter("bias")
    bias.copy_(-conv.weight[:, :, 0].sum(1) * offset)
    exact = F.glu(
        F.group_norm(
            F.conv1d(branch.double(), conv.weight.double(), bias.double()),
            1,
            None if norm.weight is None else norm.weight.double(),
            None if norm.bias is None else norm.bias.double(),
            norm.eps,
        ),
        1,
    )
    wanted = features + scale[:, None] * exact
    answer = gated.add_gated(features, branch, (conv, norm, Gate()), scale)
    assert apart(wanted, answer) < (1e-3 if offset else 1e-6)


@pytest.mark.usefixtures("small_blocks")
@torch.no_grad()
def test_a_norm_of_silence_is_its_offset():
    conv, norm = RowConv1d(4, 24, 1, bias=False), RowGroupNorm(1, 24)
    answer = gated.add_gated(
        torch.zeros(3, 12, 90), torch.zeros(3, 4, 90), (conv, norm, Gate()), torch.ones(12)
    )
    assert torch.equal(answer, torch.zeros(3, 12, 90))


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("size", "stride", "padding"), [(8, 4, 0), (8, 4, 2), (12, 3, 1), (4, 4, 0)]
)
@pytest.mark.parametrize("moments", [1, 2, 3, 7, 8, 9, 15, 16, 17, 100])
@torch.no_grad()
def test_transposed_convolutions_whose_blocks_meet(size, stride, padding, moments):
    torch.manual_seed(0)
    layer = RowConvTranspose1d(5, 4, size, stride, padding)
    features = torch.randn(2, 5, moments)
    wanted = F.conv_transpose1d(features, layer.weight, layer.bias, stride, padding)
    assert apart(wanted, layer(features)) < 1e-6


@pytest.mark.parametrize(("size", "stride", "padding"), [(3, 1, 1), (8, 4, 0), (7, 3, 2)])
@torch.no_grad()
def test_convolutions_with_more_weights_than_features_are_one_product(
    monkeypatch, size, stride, padding
):
    torch.manual_seed(0)
    layer = RowConv1d(64, 32, size, stride, padding)
    features = torch.randn(2, 64, 11)
    wanted = F.conv1d(features, layer.weight, layer.bias, stride, padding)
    calls = counted(monkeypatch, rows, "_gathered")
    assert apart(wanted, layer(features)) < 1e-6
    assert len(calls) == 1


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("bias", [True, False])
def test_many_weights_answer_some_at_a_time(monkeypatch, bias):
    torch.manual_seed(0)
    layer = nn.Conv2d(8, 600, (3, 4), (1, 2), (1, 2), bias=bias)
    features = torch.randn(2, 8, 3, 11)
    wanted = layer(features).detach()
    calls = counted(monkeypatch, F, "conv2d")
    with torch.no_grad():
        answer = convolution.convolve(layer, features)
    assert apart(wanted, answer) < 1e-6
    assert len(calls) == 3


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("context", [0, 2])
@pytest.mark.parametrize("bands", [0, 1])
def test_levels_over_bins(monkeypatch, context, bands):
    """Of two songs, and bins that are no multiple of a block."""
    keys = {"context": context, "multi_freqs_depth": bands, "multi_freqs": [0.25, 0.5]}
    torch.manual_seed(0)
    net = network(stereo("HDemucs"), **keys).eval()
    mixture = 0.3 * torch.randn(2, 2, 1000)
    wanted = net(mixture).detach()
    calls = counted(monkeypatch, levels, "joined_blocks")
    with torch.inference_mode():
        answer = net(mixture)
    assert len(calls) > 1
    assert apart(wanted, answer) < 1e-5


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", ["Demucs", "HDemucs", "HTDemucs"])
def test_networks_in_half_precision_stay_as_near_as_half_precision_is(name):
    torch.manual_seed(0)
    net = network(stereo(name)).eval()
    mixture = 0.3 * torch.randn(1, 2, 1000)
    with torch.autocast("cpu", torch.bfloat16):
        wanted = net(mixture).detach()
        with torch.inference_mode():
            answer = net(mixture)
    assert apart(wanted, answer) < 0.05


class Unknown(int):
    """A size that a graph does not know yet: whoever asks how large it is makes the graph one for some sizes."""

    def __gt__(self, other: object) -> bool:
        raise AssertionError("a size was looked at")


@torch.no_grad()
def test_a_graph_has_no_blocks_and_is_for_all_sizes():
    size = Unknown(2**30)
    with tracing():
        assert not blocks.wants_blocks(torch.zeros(1), size)
    with pytest.raises(AssertionError, match="a size was looked at"):
        blocks.wants_blocks(torch.zeros(1), size)


def stereo(name: str) -> Case:
    """A network of two channels and four targets."""
    return next(case for case in CASES if (case.name, case.channels, case.targets) == (name, 2, 4))


def counted(monkeypatch, module: object, name: str) -> list[str]:
    """A list that grows by each call of a function."""
    calls: list[str] = []
    function: Callable[..., Tensor] = getattr(module, name)

    def call(*args: object, **keys: object) -> Tensor:
        calls.append(name)
        return function(*args, **keys)

    monkeypatch.setattr(module, name, call)
    return calls
