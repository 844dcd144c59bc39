"""Changes of low rank against the formula, and their merging."""

import pytest
import torch
from torch import Tensor, nn

from auralflow.models.layers.low_rank import LowRank, add_low_rank, merged
from tests.models.networks import CASES, network


def randomised(module: nn.Module) -> None:
    for part in module.modules():
        if isinstance(part, LowRank):
            nn.init.normal_(part.up)


@pytest.mark.parametrize("shape", [(6, 5), (6, 3, 2), (4, 3, 2, 2)])
def test_a_change_is_the_scaled_product_of_its_factors(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    weight = torch.randn(shape)
    change = LowRank(weight, rank=2, alpha=6.0)
    assert torch.equal(change(weight), weight)
    nn.init.normal_(change.up)
    # alpha / rank is 3.
    product = torch.einsum("or,ri->oi", change.up, change.down)
    expected = weight + 3.0 * product.reshape(shape)
    torch.testing.assert_close(change(weight), expected)
    assert torch.linalg.matrix_rank((change(weight) - weight).flatten(1)) == 2


def test_gradients_reach_the_factors_as_the_formula_says() -> None:
    # With L = sum of G·(W + s·UD): dL/dU = s·G·Dᵀ, dL/dD = s·Uᵀ·G.
    torch.manual_seed(0)
    weight, gradient = torch.randn(4, 3), torch.randn(4, 3)
    change = LowRank(weight, rank=2, alpha=1.0)
    nn.init.normal_(change.up)
    (gradient * change(weight)).sum().backward()
    torch.testing.assert_close(change.up.grad, 0.5 * gradient @ change.down.detach().T)
    torch.testing.assert_close(change.down.grad, 0.5 * change.up.detach().T @ gradient)


def test_the_merged_network_answers_as_the_unmerged_one() -> None:
    torch.manual_seed(0)
    case = next(c for c in CASES if c.name == "HTDemucs" and c.targets == 4 and c.channels == 2)
    plain, changed = network(case).eval(), network(case).eval()
    names = [name for name, weight in plain.named_parameters() if weight.ndim > 1]
    before: dict[str, Tensor] = dict(changed.state_dict())
    add_low_rank(changed, names, rank=2, alpha=2.0)
    randomised(changed)
    plain.load_state_dict(merged(changed.state_dict()))
    mixture = torch.randn(1, 2, 4000)
    with torch.no_grad():
        torch.testing.assert_close(plain(mixture), changed(mixture), atol=1e-5, rtol=1e-5)
    assert merged(changed.state_dict()).keys() == before.keys()


def test_a_state_without_changes_is_merged_already() -> None:
    state = nn.Linear(2, 3).state_dict()
    assert merged(state) == dict(state)
