"""Residual branches and what they hold: windows of an LSTM, attention whose reach falls with distance."""

import math

import pytest
import torch
from torch import nn

from auralflow.errors import ModelError
from auralflow.models.layers.attention import LocalAttention
from auralflow.models.layers.recurrent import BLSTM, LayerScale
from auralflow.models.layers.residual import ResidualBranch


def branch(features: int = 16, **keys):
    given = {"compress": 2.0, "depth": 2, "scale": 1e-3, "attention": False, "lstm": False, **keys}
    return ResidualBranch(features, **given)


@torch.no_grad()
@pytest.mark.parametrize("samples", [1, 2, 200, 201, 333])
@pytest.mark.parametrize(
    "inside", [{}, {"lstm": True}, {"attention": True}, {"norm": False, "gelu": False}]
)
def test_any_length_stays_as_long(samples, inside):
    features = torch.randn(2, 16, samples)
    answer = branch(**inside)(features)
    assert answer.shape == features.shape
    assert answer.isfinite().all()


@torch.no_grad()
def test_a_branch_of_scale_zero_changes_nothing():
    features = torch.randn(2, 16, 30)
    assert torch.equal(branch(scale=0.0, lstm=True, attention=True)(features), features)


def test_each_branch_looks_twice_as_far_as_the_one_before():
    convolutions = [layer[0] for layer in branch(depth=3, kernel_size=5).layers]
    assert [conv.dilation for conv in convolutions] == [(1,), (2,), (4,)]
    # Kernels of five reach two places to either side, times the dilation.
    assert [conv.padding for conv in convolutions] == [(2,), (4,), (8,)]


def test_sizes_that_leave_nothing_or_no_even_share_are_refused():
    with pytest.raises(ModelError, match=r"residual\.compress is 20"):
        branch(compress=20.0)
    with pytest.raises(ModelError, match=r"residual\.compress so that the heads"):
        branch(compress=8.0, attention=True)


@torch.no_grad()
def test_attention_is_the_formula_written_out_pair_by_pair():
    torch.manual_seed(0)
    heads, decays, width, frames = 2, 3, 4, 7
    layer = LocalAttention(width, heads=heads, decays=decays)
    features = torch.randn(1, width, frames)
    content, query, key, decay = (
        part(features)[0].reshape(heads, -1, frames)
        for part in (layer.content, layer.query, layer.key, layer.query_decay)
    )
    heard = torch.zeros(heads, width // heads, frames)
    for head in range(heads):
        for here in range(frames):
            scores = torch.full((frames,), -100.0)
            for there in range(frames):
                if there != here:
                    reach = sum(
                        (number + 1) * float(torch.sigmoid(decay[head, number, here])) / 2
                        for number in range(decays)
                    )
                    alike = key[head, :, there] @ query[head, :, here] / math.sqrt(width // heads)
                    scores[there] = alike - reach * abs(here - there) / math.sqrt(decays)
            heard[head, :, here] = content[head] @ scores.softmax(0)
    expected = features + layer.proj(heard.reshape(1, width, frames))
    assert torch.allclose(layer(features), expected, atol=1e-6)


@torch.no_grad()
def test_half_precision_does_not_blur_distances():
    torch.manual_seed(0)
    layer = LocalAttention(8)
    layer.query_decay.weight.zero_()
    layer.query_decay.get_parameter("bias").fill_(4.0)
    features = torch.randn(1, 8, 600)
    plain = layer(features)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = layer(features).float()
    # bfloat16 has 8 bits: one distance of 600 in four would be another if it counted them.
    assert (mixed - plain).norm() < 0.02 * plain.norm()


@torch.no_grad()
def test_windows_of_an_lstm_keep_the_middle_of_each():
    torch.manual_seed(0)
    layer = BLSTM(4, layers=1, window=8)
    features = torch.randn(2, 4, 13)
    # Windows begin every 4 frames while there are any: 0, 4, 8, 12, over silence at the end.
    padded = nn.functional.pad(features, (0, 7))
    windows = [layer(padded[..., start : start + 8]) for start in (0, 4, 8, 12)]
    expected = torch.cat(
        [windows[0][..., :6], windows[1][..., 2:6], windows[2][..., 2:6], windows[3][..., 2:]], -1
    )
    assert torch.allclose(layer(features), expected[..., :13], atol=1e-6)
    whole = BLSTM(4, layers=1)
    whole.load_state_dict(layer.state_dict())
    assert not torch.allclose(layer(features), whole(features), atol=1e-3)
    assert torch.allclose(layer(features[..., :8]), whole(features[..., :8]))


@torch.no_grad()
def test_a_skip_adds_the_input():
    layer = BLSTM(4, layers=1)
    features = torch.randn(1, 4, 9)
    plain = layer(features)
    layer.skip = True
    assert torch.allclose(layer(features), features + plain)


@torch.no_grad()
def test_a_scale_is_a_factor_for_each_feature():
    layer = LayerScale(3, 0.5)
    layer.scale.copy_(torch.tensor([1.0, 2.0, 3.0]))
    assert torch.equal(layer(torch.ones(1, 3, 2))[0, :, 0], torch.tensor([1.0, 2.0, 3.0]))
