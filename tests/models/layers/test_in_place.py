"""What a decoder adds its skips to: the sum, and no third tensor where no gradient is wanted."""

import pytest
import torch

from auralflow.models.layers.in_place import with_skip
from tests.models.networks import CASES, network

_ADDING = ("Demucs", "HDemucs", "HTDemucs")


def pair() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor([[1.0, 2.0]]), torch.tensor([[10.0, -2.0]])


def test_with_gradients_both_stay_what_they_were():
    features, skip = pair()
    assert with_skip(features, skip).tolist() == [[11.0, 0.0]]
    assert (features.tolist(), skip.tolist()) == ([[1.0, 2.0]], [[10.0, -2.0]])


@torch.no_grad()
def test_without_them_the_sum_takes_the_place_of_the_features_and_leaves_the_skip():
    features, skip = pair()
    total = with_skip(features, skip)
    assert total.tolist() == [[11.0, 0.0]]
    assert total.data_ptr() == features.data_ptr()
    assert skip.tolist() == [[10.0, -2.0]]


@torch.no_grad()
def test_a_skip_of_higher_precision_is_not_rounded_to_that_of_the_features():
    features, skip = pair()
    total = with_skip(features.bfloat16(), skip + 2**-20)
    assert total.dtype == torch.float32
    assert total[0, 1] == 2**-20


def test_where_nothing_comes_from_below_the_skip_is_what_there_is():
    _, skip = pair()
    assert with_skip(None, skip) is skip


@pytest.mark.parametrize("case", [case for case in CASES if case.name in _ADDING], ids=str)
def test_networks_answer_without_gradients_as_they_do_with_them_and_leave_the_mixture(case):
    torch.manual_seed(0)
    net = network(case).eval()
    mixture = 0.3 * torch.randn(2, case.channels, 4000)
    before = mixture.clone()
    wanted = net(mixture).detach()
    with torch.inference_mode():
        first, second = net(mixture), net(mixture)
    torch.testing.assert_close(first, wanted, rtol=1e-5, atol=1e-6)
    assert torch.equal(first, second)
    assert torch.equal(mixture, before)
