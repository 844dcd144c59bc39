"""Layers on rows answer, and learn, as torch's do; torch's own layers are the reference."""

import pytest
import torch
from torch import nn

from auralflow.models.layers.rows import Gate, RowConv1d, RowConvTranspose1d, RowGroupNorm

SAMPLES = 701
"""Two items of these are more moments than those below which planes are faster, even with a stride of four."""

CONVOLUTIONS = [
    ((6, 8, 1), {}),
    ((6, 8, 3), {"padding": 1}),
    ((6, 8, 3), {"padding": 4, "dilation": 4}),
    ((6, 8, 5), {"padding": 2, "bias": False}),
    ((2, 8, 8), {"stride": 4}),
    ((6, 8, 7), {"stride": 3, "padding": 2}),
    ((6, 8, 4), {"stride": 4}),
]


def compare(ours: nn.Module, theirs: nn.Module, features: torch.Tensor) -> None:
    """Same answer to 1e-5, and same gradients of weights and features to 1e-4, of their largest."""
    theirs.load_state_dict(ours.state_dict())
    gradients = []
    answers = []
    for layer in (ours, theirs):
        heard = features.clone().requires_grad_()
        answer = layer(heard)
        slope = torch.cos(torch.arange(answer.numel())).reshape(answer.shape)
        torch.autograd.backward((answer * slope).sum())
        answers.append(answer.detach())
        gradients.append([heard.grad, *(weight.grad for weight in layer.parameters())])
    assert (answers[0] - answers[1]).abs().max() <= 1e-5 * answers[1].abs().max()
    for our, their in zip(*gradients, strict=True):
        assert our is not None
        assert their is not None
        assert our.shape == their.shape
        assert (our - their).abs().max() <= 1e-4 * their.abs().max()


@pytest.mark.parametrize(("sizes", "keys"), CONVOLUTIONS, ids=str)
@pytest.mark.parametrize("samples", [40, SAMPLES])
def test_convolutions(sizes, keys, samples):
    torch.manual_seed(0)
    features = torch.randn(2, sizes[0], samples)
    compare(RowConv1d(*sizes, **keys), nn.Conv1d(*sizes, **keys), features)


@pytest.mark.parametrize(
    ("size", "stride", "padding"),
    [(8, 4, 0), (12, 4, 0), (7, 3, 2), (4, 4, 0), (3, 1, 0), (3, 1, 1)],
)
@pytest.mark.parametrize("samples", [2, 40, SAMPLES])
def test_transposed_convolutions(size, stride, padding, samples):
    torch.manual_seed(0)
    kinds = (RowConvTranspose1d, nn.ConvTranspose1d)
    ours, theirs = (kind(6, 4, size, stride, padding) for kind in kinds)
    compare(ours, theirs, torch.randn(2, 6, samples))
    theirs.load_state_dict(ours.state_dict())
    for batch in (1, 2):
        heard = torch.randn(batch, 6, samples)
        with torch.inference_mode():
            answer, wanted = ours(heard), theirs(heard)
        assert answer.shape == wanted.shape
        assert (answer - wanted).abs().max() <= 1e-5 * wanted.abs().max()


@pytest.mark.parametrize(
    ("ours", "theirs"), [(Gate(), nn.GLU(1)), (RowGroupNorm(2, 6), nn.GroupNorm(2, 6))]
)
def test_gates_and_norms(ours, theirs):
    torch.manual_seed(0)
    compare(ours, theirs, torch.randn(2, 6, 50))


@torch.no_grad()
def test_a_norm_takes_one_value_standing_alone():
    norm = RowGroupNorm(2, 2)
    nn.init.constant_(norm.bias, 0.5)
    # What does not vary is its mean, and so zero, and then the offset; the norm divides rounding by √1e-5.
    assert torch.allclose(norm(torch.randn(1, 2, 1)), torch.tensor(0.5), atol=1e-3)


def test_rows_stay_rows_from_layer_to_layer():
    # Copies between layouts would cost what rows save.
    chain = nn.Sequential(
        RowConv1d(6, 8, 8, 4), RowGroupNorm(2, 8), nn.GELU(), RowConv1d(8, 16, 1), Gate()
    )
    features = torch.randn(2, 6, 2000)
    for layer in chain:
        features = layer(features)
        assert features.stride(1) == 1


@torch.no_grad()
def test_reduced_precision_is_torch_s_business():
    layer = RowConv1d(6, 8, 3, padding=1)
    features = torch.randn(2, 6, SAMPLES)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        answer = layer(features)
    assert answer.dtype == torch.bfloat16
    # bfloat16 keeps 8 bits.
    assert (answer.float() - layer(features)).abs().max() < 0.05
