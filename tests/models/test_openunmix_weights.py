"""States of the package, of its files and of its earlier versions are taken, whatever the targets are called."""

from typing import Any

import pytest
import torch
from torch import Tensor

from auralflow.models import create
from auralflow.models.base import Separator

BUFFERS = {
    "sample_rate": torch.tensor(8000),
    "stft.window": torch.hann_window(64),
    "istft.window": torch.hann_window(64),
    "transform.0.window": torch.hann_window(64),
}
"""What the package's files hold beside weights."""


def network(*targets: str, **keys: Any) -> Separator:
    return create(
        "openunmix",
        targets=targets,
        channels=1,
        init_features=4,
        sample_rate=8000,
        num_fft=64,
        window_size=64,
        hop_length=16,
        **keys,
    )


def weights_of_target(model: Separator) -> dict[str, Tensor]:
    return dict(model.get_submodule("target_models.vocals").state_dict())


def same(one: Separator, other: Separator) -> bool:
    states = one.state_dict(), other.state_dict()
    return all(
        torch.equal(left, right) for left, right in zip(*(s.values() for s in states), strict=True)
    )


def test_a_state_holds_weights_only_by_the_package_s_names():
    names = {name.removeprefix("target_models.vocals.") for name in network("vocals").state_dict()}
    assert {name.split(".")[0] for name in names} == {
        *("fc1", "bn1", "lstm", "fc2", "bn2", "fc3", "bn3"),
        *("input_mean", "input_scale", "output_mean", "output_scale"),
    }


def test_a_separator_s_state_is_taken():
    model, other = network("vocals", "drums"), network("vocals", "drums")
    inside = {f"target_models.drums.{name}": value for name, value in BUFFERS.items()}
    other.load_state_dict({**model.state_dict(), **BUFFERS, **inside})
    assert same(model, other)


def test_a_target_s_own_state_is_taken_where_there_is_one_target():
    model, other = network("vocals"), network("singing")
    state = {**weights_of_target(model), **BUFFERS}
    other.load_state_dict(state)
    assert same(model, other)
    assert set(state) == {*weights_of_target(model), *BUFFERS}, "the caller's mapping was changed"


def test_a_target_s_own_state_is_not_enough_for_two():
    with pytest.raises(RuntimeError, match="Missing key"):
        network("vocals", "drums").load_state_dict(weights_of_target(network("vocals")))


def test_what_is_unknown_is_still_an_error():
    state = {**weights_of_target(network("vocals")), "stranger.weight": torch.zeros(1)}
    with pytest.raises(RuntimeError, match=r"Unexpected key.*stranger\.weight"):
        network("vocals").load_state_dict(state)


@pytest.mark.parametrize("home", ["", "target_models.vocals."])
def test_weights_for_another_sample_rate_are_refused(home):
    model = network("vocals")
    state = {**model.state_dict(), f"{home}sample_rate": torch.tensor(44_100)}
    with pytest.raises(RuntimeError, match="for 44100 Hz, the network is for 8000 Hz"):
        model.load_state_dict(state)


def test_a_network_inside_another_module_loads_too():
    inside = torch.nn.ModuleDict({"network": network("vocals")})
    model = network("vocals")
    bare = {f"network.{name}": value for name, value in weights_of_target(model).items()}
    inside.load_state_dict({**bare, "network.sample_rate": torch.tensor(8000)})
    loaded = inside["network"]
    assert isinstance(loaded, Separator)
    assert same(model, loaded)


@torch.no_grad()
def test_targets_may_have_any_names():
    # What is in a path, what a module's container has itself, and what these could be turned into.
    targets = (
        "lead.vocal",
        "lead/vocal",
        "lead%2Evocal",
        "keys",
        "%keys",
        "type",
        "pop",
        "chœur 1",
    )
    model, other = network(*targets).eval(), network(*targets).eval()
    other.load_state_dict(model.state_dict())
    mixture = torch.randn(1, 1, 500)
    stems = model(mixture)
    assert stems.shape == (1, len(targets), 1, 500)
    assert torch.equal(other(mixture), stems)
    assert [name.split(":")[0] for name, _ in model.levels()][::4] == list(targets)
