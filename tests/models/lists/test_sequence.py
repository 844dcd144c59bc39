"""Layers that look along time: recurrent ones and self-attention."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from auralflow.models.lists.sequence import Attention, Recurrent
from tests.models.lists.building import layer, noise

BINS = [None, 3]
RECURRENT = ["lstm", "gru"]
ALL = [("lstm",), ("gru",), ("lstm", {"bidirectional": False}), ("attention",)]


@torch.no_grad()
def reached(module: nn.Module, *, bins: int | None, place: int, item: int = 1) -> Tensor:
    """Whether a change of one place of one item changes what comes out: `items places`."""
    features = noise(bins=bins, batch=3, places=9)
    before = module(features)
    # One feature only: a norm takes out what all have in common.
    features[item, 0, ..., place] += 3
    changed: Tensor = (module(features) - before).abs() > 1e-7
    return changed.flatten(1, -2).any(1)


@pytest.mark.parametrize("bins", BINS)
@pytest.mark.parametrize("given", ALL, ids=str)
def test_items_of_a_batch_never_mix(given, bins):
    # Twice the layers, so that nothing passes from one to the next either.
    values = given[1] if len(given) > 1 else {}
    more = {"layers": 2, **values} if given[0] != "attention" else 2
    module = layer(given[0], more, bins=bins).eval()
    changed = reached(module, bins=bins, place=4)
    assert changed.any(1).tolist() == [False, True, False]
    features = noise(bins=bins, batch=3)
    with torch.no_grad():
        alone = torch.cat([module(item[None]) for item in features])
        assert torch.allclose(module(features), alone, atol=1e-5)


@pytest.mark.parametrize("bins", BINS)
@pytest.mark.parametrize("place", [0, 4, 8])
@pytest.mark.parametrize("given", [("lstm",), ("gru",), ("attention",)], ids=str)
def test_every_frame_sees_the_earlier_and_the_later_ones(given, bins, place):
    assert reached(layer(*given, bins=bins).eval(), bins=bins, place=place)[1].all()


@pytest.mark.parametrize("bins", BINS)
@pytest.mark.parametrize("kind", RECURRENT)
def test_in_one_direction_a_frame_sees_the_earlier_ones_only(kind, bins):
    module = layer(kind, {"bidirectional": False, "layers": 2}, bins=bins).eval()
    assert reached(module, bins=bins, place=4)[1].tolist() == [False] * 4 + [True] * 5


@torch.no_grad()
@pytest.mark.parametrize("kind", [*RECURRENT, "attention"])
def test_on_a_spectrogram_every_bin_sees_all_bins(kind):
    module = layer(kind, bins=3).eval()
    features = noise(bins=3)
    before = module(features)
    features[0, 2, 1, 4] += 1
    changed = (module(features) - before)[0].abs() > 1e-7
    # Every bin, in every frame.
    assert changed.any(0).all()


@torch.no_grad()
@pytest.mark.parametrize("kind", RECURRENT)
@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("bins", BINS)
def test_a_recurrent_layer_is_torch_s_over_frames_and_a_linear_one_back(kind, both, bins):
    module: Any = layer(kind, {"layers": 2, "bidirectional": both}, bins=bins)
    assert isinstance(module, Recurrent)
    width = 8 * (bins or 1)
    cell = {"lstm": nn.LSTM, "gru": nn.GRU}[kind]
    # Both directions share the features, so that neither choice is twice as wide.
    twin = cell(width, 4 if both else 8, 2, bidirectional=both)
    twin.load_state_dict(module.cells.state_dict())
    features = noise(bins=bins)
    # Time first, as torch would have it by default.
    frames = features.reshape(2, width, -1).permute(2, 0, 1)
    expected = (twin(frames)[0] @ module.back.weight.T + module.back.bias).permute(1, 2, 0)
    assert torch.allclose(module(features), expected.reshape(features.shape), atol=1e-5)


@torch.no_grad()
def test_attention_is_that_of_the_paper_with_a_norm_in_front_added_to_its_input():
    module: Any = layer("attention", 2)
    assert isinstance(module, Attention)
    features = noise(places=5)
    places = features.transpose(1, 2)
    # Sines, then cosines, at rates from 1 down to (nearly) 1/10000.
    rates = 1e4 ** (-torch.arange(4) / 4)
    angles = torch.arange(5.0)[:, None] * rates
    seen = module.norm(places) + torch.cat([angles.sin(), angles.cos()], 1)
    query, key, value = (
        (seen @ weight.T + bias).unflatten(-1, (2, 4)).transpose(1, 2)
        for weight, bias in zip(
            module.attention.in_proj_weight.chunk(3),
            module.attention.in_proj_bias.chunk(3),
            strict=True,
        )
    )
    heard = (query @ key.transpose(-1, -2) / 2).softmax(-1) @ value
    answer = module.attention.out_proj(heard.transpose(1, 2).flatten(2))
    assert torch.allclose(module(features), (places + answer).transpose(1, 2), atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("features", [1, 2, 7, 8])
def test_attention_tells_all_places_of_a_plane_apart(features):
    # The same value everywhere: all that can differ is what stands for the place.
    module: Any = layer("attention", 1, features=features, bins=5)
    told: list[Tensor] = []
    module.attention.register_forward_pre_hook(lambda _, given: told.append(given[0]))
    module(torch.ones(1, features, 5, 6))
    (places,) = told
    assert places.shape == (1, 30, features)
    distances = torch.cdist(places[0], places[0]) + torch.eye(30)
    if features > 1:  # one sine cannot do it
        assert distances.min() > 1e-3


@pytest.mark.parametrize("kind", [*RECURRENT, "attention"])
@pytest.mark.parametrize("bins", BINS)
def test_a_single_place_is_enough(kind, bins):
    features = noise(bins=bins, places=1)
    assert layer(kind, bins=bins)(features).shape == features.shape


@pytest.mark.parametrize("kind", RECURRENT)
def test_a_single_feature_is_enough(kind):
    assert layer(kind, features=1)(noise(1)).shape == (2, 1, 6)
