"""Each key of Hybrid Transformer Demucs changes in the network what it names, and impossible values are refused.

What it shares with Hybrid Demucs is tested there.
"""

from typing import Any

import pytest
import torch
from torch import nn

from auralflow.errors import ModelError
from auralflow.models import create
from auralflow.models.htdemucs.attention import Attention, GlobalNorm
from auralflow.models.htdemucs.config import CapeConfig
from auralflow.models.htdemucs.positions import (
    LearnedPositions,
    MovedSinusoids,
    Sinusoids,
    plane_of_sinusoids,
)
from auralflow.models.layers.recurrent import LayerScale

STEMS = ("drums", "vocals")


def htdemucs(**keys: Any) -> Any:
    """Two levels, 128 to 32 to 8 bins and 8 to 16 features; stereo at 8 kHz."""
    small = {
        "max_layers": 2,
        "init_features": 8,
        "num_fft": 256,
        "window_size": 256,
        "hop_length": 64,
    }
    return create("htdemucs", targets=STEMS, channels=2, sample_rate=8000, **{**small, **keys})


def transformer(**keys: Any) -> Any:
    return htdemucs(transformer={"layers": 2, "heads": 4, **keys}).crosstransformer


def all_of(module: nn.Module, kind: Any) -> list[Any]:
    return [part for part in module.modules() if isinstance(part, kind)]


def test_the_default_is_the_network_of_the_paper():
    model: Any = create("htdemucs", targets=("drums", "bass", "other", "vocals"))
    # Rouard et al. 2023, section 4.2: four levels from 48 features on, five layers of 384 features, 8 heads, and
    # dense layers four times as wide; attention within and across in turn.
    assert [level.conv.out_channels for level in model.encoder] == [48, 96, 192, 384]
    layers = model.crosstransformer.layers
    assert [layer.attention_name for layer in layers] == [
        "self_attn", "cross_attn", "self_attn", "cross_attn", "self_attn",
    ]  # fmt: skip
    assert {layer.linear1.weight.shape for layer in layers} == {(4 * 384, 384)}
    assert {part.heads for part in all_of(model, Attention)} == {8}


def test_layers_and_heads_and_hidden_scale_shape_the_transformer():
    part = transformer(layers=3, heads=2, hidden_scale=2.5)
    assert (len(part.layers), len(part.layers_t)) == (3, 3)
    assert {attention.heads for attention in all_of(part, Attention)} == {2}
    assert part.layers[0].linear1.out_features == 40
    assert htdemucs(transformer={"layers": 0}).crosstransformer is None


def test_cross_first_begins_with_attention_across():
    names = [layer.attention_name for layer in transformer(cross_first=True).layers]
    assert names == ["cross_attn", "self_attn"]


def test_norm_keys_choose_the_norms():
    assert isinstance(transformer().norm_in, nn.LayerNorm)
    assert isinstance(transformer(norm_in=False, norm_in_group=True).norm_in, GlobalNorm)
    assert isinstance(transformer(norm_in=False).norm_in_t, nn.Identity)
    assert isinstance(transformer(group_norm=True).layers[0].norm1, GlobalNorm)
    assert isinstance(transformer().layers[0].norm1, nn.LayerNorm)
    assert isinstance(transformer().layers[0].norm_out, GlobalNorm)
    assert isinstance(transformer(norm_out=False).layers[0].norm_out, nn.Identity)
    assert isinstance(transformer(norm_first=False).layers[0].norm_out, nn.Identity)


@torch.no_grad()
def test_norms_last_leave_features_standardised():
    layer = transformer(norm_first=False).layers[0]
    answer = layer(torch.randn(2, 5, 16))
    # A layer norm whose weights are fresh: mean 0 and variance 1 at each place.
    assert answer.mean(-1).abs().max() < 1e-6
    assert torch.allclose(answer.var(-1, unbiased=False), torch.ones(2, 5), atol=1e-3)


def test_layer_scale_and_gelu_are_in_each_layer():
    scales = all_of(transformer(), LayerScale)
    # Two layers of two branches, each with two sums.
    assert len(scales) == 8
    assert all(scale.scale.eq(1e-4).all() for scale in scales)
    assert not all_of(transformer(layer_scale=False), LayerScale)
    assert isinstance(transformer(gelu=False).layers[0].activation, nn.ReLU)


@torch.no_grad()
def test_dropout_is_at_work_in_training_only():
    layer = transformer(dropout=0.5, layer_scale=False).layers[0]
    features = torch.randn(1, 6, 16)
    assert not torch.equal(layer(features), layer(features))
    layer.eval()
    assert torch.equal(layer(features), layer(features))


def test_attention_is_that_of_torch():
    torch.manual_seed(0)
    ours, theirs = (
        Attention(16, heads=4, dropout=0.0),
        nn.MultiheadAttention(16, 4, batch_first=True),
    )
    theirs.load_state_dict(ours.state_dict())
    features, others = torch.randn(2, 5, 16), torch.randn(2, 7, 16)
    for answer, seen in ((ours(features), features), (ours(features, others), others)):
        expected, _ = theirs(features, seen, seen)
        assert torch.allclose(answer, expected, atol=1e-6)


def test_emb_is_how_the_waveform_knows_its_places():
    kinds = {"sin": Sinusoids, "cape": MovedSinusoids, "scaled": LearnedPositions}
    for emb, kind in kinds.items():
        assert type(transformer(emb=emb).position_embeddings) is kind
    learned = transformer(emb="scaled", max_positions=70).position_embeddings
    assert learned.embedding.weight.shape == (70, 16)


def test_sinusoids_turn_once_in_2_pi_places_and_the_slowest_as_the_period_says():
    vectors = Sinusoids(period=100.0, shift=0)(torch.zeros(1, 50, 8))
    places = torch.arange(50.0)
    # Vaswani et al. 2017, section 3.5, but for the last frequency, which is the period itself: cosines, then sines.
    assert torch.allclose(vectors[:, 0], places.cos(), atol=1e-5)
    assert torch.allclose(vectors[:, 4], places.sin(), atol=1e-5)
    assert torch.allclose(vectors[:, 7], (places / 100).sin(), atol=1e-5)


def test_the_plane_knows_frames_in_its_first_half_and_bins_in_its_second():
    plane = plane_of_sinusoids(3, 5, 8, period=10_000.0, device=torch.device("cpu"))
    assert plane.shape == (5, 3, 8)
    assert torch.equal(plane[:, 0, :4], plane[:, 2, :4])
    assert torch.equal(plane[0, :, 4:], plane[4, :, 4:])
    assert torch.allclose(plane[:, 0, 0], torch.arange(5.0).sin(), atol=1e-6)
    assert torch.allclose(plane[0, :, 5], torch.arange(3.0).cos(), atol=1e-6)


def test_sin_random_shift_moves_all_places_together_in_training_only():
    sinusoids = Sinusoids(period=100.0, shift=3)
    features = torch.zeros(1, 20, 8)
    still = Sinusoids(period=100.0, shift=0)(torch.zeros(1, 23, 8))
    torch.manual_seed(0)
    draws = torch.stack([sinusoids(features) for _ in range(50)])
    # Fifty draws of four values leave one out less than once in a hundred thousand times.
    assert len(draws.unique(dim=0)) == 4
    for drawn in draws:
        assert any(torch.allclose(drawn, still[by : by + 20], atol=1e-5) for by in range(4))
    assert torch.equal(sinusoids.eval()(features), still[:20])


def test_cape_moves_the_places_of_each_example_in_training_only():
    features = torch.zeros(3, 20, 8)
    moved = MovedSinusoids(CapeConfig(), period=100.0)
    drawn = moved(features)
    assert drawn.shape == (3, 20, 8)
    assert not torch.allclose(drawn[0], drawn[1], atol=1e-2)
    assert moved.eval()(features).shape == (20, 8)
    calm = MovedSinusoids(CapeConfig(augment=False), period=100.0)
    assert torch.equal(calm(features), moved(features))


def test_cape_keys_bound_how_far_places_move():
    config = CapeConfig(mean_normalize=False, global_shift=0.0, local_shift=0.0, max_scale=1.0)
    still = Sinusoids(period=100.0, shift=0)(torch.zeros(1, 20, 8))
    features = torch.zeros(2, 20, 8)
    assert torch.allclose(
        MovedSinusoids(config, period=100.0)(features), still.expand(2, -1, -1), atol=1e-5
    )
    # The sine of the slowest wave is nearly its place divided by the period.
    for key, value, most in (
        ("global_shift", 2.0, 2.0),
        ("local_shift", 0.5, 0.5),
        ("max_scale", 1.1, 1.9),
    ):
        wide = MovedSinusoids(CapeConfig(**{**config.model_dump(), key: value}), period=1e4)
        slow = Sinusoids(period=1e4, shift=0)(torch.zeros(1, 20, 8))[:, -1]
        shift = 1e4 * (wide(torch.zeros(200, 20, 8))[..., -1] - slow)
        assert 0.5 * most < shift.abs().max() <= most + 0.01
    centred = MovedSinusoids(CapeConfig(augment=False), period=100.0)(features)
    # Places −9.5 to 9.5.
    assert torch.allclose(centred[:, 4], (torch.arange(20.0) - 9.5).sin(), atol=1e-5)


@torch.no_grad()
def test_weight_pos_embed_is_how_much_places_count():
    models = [
        htdemucs(transformer={"layers": 2, "heads": 4, "weight_pos_embed": w}).eval()
        for w in (0.0, 1.0)
    ]
    models[1].load_state_dict(models[0].state_dict())
    mixture = torch.randn(1, 2, 1000)
    assert not torch.allclose(models[0](mixture), models[1](mixture), atol=1e-4)
    part = models[0].crosstransformer
    assert torch.equal(part._placed_temporal(torch.ones(1, 16, 1, 4))[0, 0], torch.zeros(16))


def test_bottom_channels_is_the_width_of_the_transformer():
    model = htdemucs(bottom_channels=24, init_features_time=4, residual={"compress": 4.0})
    assert model.crosstransformer.layers[0].linear1.in_features == 24
    assert model.channel_upsampler.weight.shape == (24, 16, 1)
    assert model.channel_upsampler_t.weight.shape == (24, 8, 1)
    assert model(torch.randn(1, 2, 500)).shape == (1, 2, 2, 500)


@torch.no_grad()
def test_pad_to_fills_up_short_mixtures_outside_training():
    model = htdemucs(pad_to=0.125).eval()
    plain = htdemucs().eval()
    plain.load_state_dict(model.state_dict())
    mixture = torch.randn(1, 2, 600)
    # 0.125 s are 1000 samples.
    filled = torch.nn.functional.pad(mixture, (0, 400))
    assert torch.equal(model(mixture), plain(filled)[..., :600])
    assert not torch.allclose(model(mixture), plain(mixture), atol=1e-3)
    longer = torch.randn(1, 2, 1400)
    assert torch.equal(model(longer), plain(longer))
    assert torch.equal(model.train()(mixture), plain.train()(mixture))


def test_levels_have_the_transformer_in_their_middle():
    names = [name for name, _ in htdemucs(bottom_channels=8).levels()]
    assert names == [
        "time encoder 1", "encoder 1", "time encoder 2", "encoder 2", "to transformer", "time to transformer",
        "transformer", "from transformer", "time from transformer",
        "decoder 2", "time decoder 2", "decoder 1", "time decoder 1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        # 128 bins are 32, 8 and 1 after three levels.
        ({"max_layers": 4}, "after 3 levels the branches are one, .* set max-layers to 3 or less, or transformer.layers to 0"),
        ({"transformer": {"heads": 3}}, "16 features, and transformer.heads is 3"),
        ({"bottom_channels": 18, "transformer": {"heads": 2}}, "18 features"),
        ({"init_features_time": 12}, "init-features-time is 12, .* set bottom-channels"),
        ({"num_fft": 512, "window_size": 512, "hop_length": 64}, "hop-length to 128"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused_with_a_remedy(keys, part):
    with pytest.raises(ModelError, match=part):
        htdemucs(**keys)


def test_more_places_than_were_learned_are_refused():
    model = htdemucs(transformer={"layers": 2, "heads": 4, "emb": "scaled", "max_positions": 50})
    # The waveform has a place every 16 samples.
    assert model(torch.randn(1, 2, 800)).shape[-1] == 800
    with pytest.raises(ModelError, match=r"51 places and transformer.max-positions is 50"):
        model(torch.randn(1, 2, 801))
