"""From features to masks."""

import pytest
import torch

from auralflow.errors import ModelError
from auralflow.models.layers.masks import Mask

FEATURES = torch.linspace(-4, 4, 2 * 3 * 2 * 5 * 7).reshape(2, 3, 2, 5, 7)
FUNCTIONS = {
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "relu": lambda x: x.clamp(min=0),
    "tanh": lambda x: x.tanh().clamp(min=0),
    "hardtanh": lambda x: x.clamp(0, 1),
    "softmax": lambda x: x.exp() / x.exp().sum(1, keepdim=True),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_mask_is_the_function_it_is_named_after_held_between_0_and_1(name):
    mask = Mask(name, targets=3)(FEATURES)
    assert torch.allclose(mask, FUNCTIONS[name](FEATURES).clamp(0, 1), atol=1e-6)
    assert float(mask.min()) >= 0
    assert float(mask.max()) <= 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_unbounded_mask_is_only_held_above_0(name):
    mask = Mask(name, targets=3, bounded=False)(FEATURES)
    assert torch.allclose(mask, FUNCTIONS[name](FEATURES), atol=1e-6)
    assert float(mask.min()) >= 0
    # Only the rectifier has no limit of its own.
    assert (float(mask.max()) > 1) == (name == "relu")


def test_masks_by_softmax_sum_to_one_over_the_targets_at_every_place():
    mask = Mask("softmax", targets=3)(torch.randn(2, 3, 2, 5, 7))
    assert torch.allclose(mask.sum(1), torch.ones(2, 2, 5, 7))


@pytest.mark.parametrize("bounded", [True, False])
def test_a_softmax_over_one_target_is_refused(bounded):
    with pytest.raises(
        ModelError, match="softmax and there is one target, whose mask would be 1 everywhere"
    ):
        Mask("softmax", targets=1, bounded=bounded)
