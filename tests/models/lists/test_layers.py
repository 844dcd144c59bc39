"""Every layer that lists can name computes what its name says, on audio and on spectrograms."""

import itertools
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.errors import ModelError
from auralflow.models.lists.entries import LAYERS, Entry, layers_of, read_entries
from auralflow.models.lists.layers import plain_layer
from auralflow.models.lists.resize import convolution, up_layer
from tests.models.lists.building import CONVS, POOLED, UP, adaptive, all_of, layer, noise

BINS = [None, 5]
"""Audio, and a spectrogram."""


def entry(name: str, *given: Any) -> Entry:
    return read_entries(name, [list(given)])[0]


def over_all_places(features: Tensor, groups: int) -> Tensor:
    batch, width = features.shape[:2]
    shaped = features.reshape(batch, groups, width // groups, *features.shape[2:])
    directions = tuple(range(2, shaped.dim()))
    mean = shaped.mean(directions, keepdim=True)
    variance = shaped.var(directions, unbiased=False, keepdim=True)
    return ((shaped - mean) / (variance + 1e-5).sqrt()).reshape(features.shape)


FUNCTIONS: list[tuple[tuple[Any, ...], Any]] = [
    (("relu",), lambda x: x.clamp(min=0)),
    (("leaky_relu",), lambda x: torch.maximum(x, 0.01 * x)),
    (("leaky_relu", 0.3), lambda x: torch.maximum(x, 0.3 * x)),
    (("prelu",), lambda x: torch.maximum(x, 0.25 * x)),
    (("prelu", 0.1), lambda x: torch.maximum(x, 0.1 * x)),
    (("elu",), lambda x: torch.where(x > 0, x, x.exp() - 1)),
    (("elu", 0.5), lambda x: torch.where(x > 0, x, 0.5 * (x.exp() - 1))),
    (("gelu",), lambda x: x * 0.5 * (1 + torch.erf(x / 2**0.5))),
    (("selu",), F.selu),
    (("silu",), lambda x: x / (1 + (-x).exp())),
    (("tanh",), torch.tanh),
    (("sigmoid",), lambda x: 1 / (1 + (-x).exp())),
    (("glu",), lambda x: x.chunk(2, 1)[0] * x.chunk(2, 1)[1].sigmoid()),
    (("instance_norm",), lambda x: over_all_places(x, 8)),
    (("group_norm",), lambda x: over_all_places(x, 1)),
    (("group_norm", 4), lambda x: over_all_places(x, 4)),
    (("layer_norm",), lambda x: F.layer_norm(x.movedim(1, -1), (8,)).movedim(-1, 1)),
    (("dropout", 0.0), lambda x: x),
]


@torch.no_grad()
@pytest.mark.parametrize("bins", BINS)
@pytest.mark.parametrize(("given", "function"), FUNCTIONS, ids=[str(case[0]) for case in FUNCTIONS])
def test_a_layer_is_the_function_it_is_named_after(given, function, bins):
    features = noise(bins=bins)
    for training in (True, False):
        module = layer(*given, bins=bins).train(training)
        assert torch.allclose(module(features), function(features), atol=1e-5)


def test_every_activation_and_norm_is_among_those_compared():
    compared = {given[0] for given, _ in FUNCTIONS} | {"batch_norm"}
    roles = ("activation", "norm", "dropout")
    assert {name for name, kind in LAYERS.items() if kind.role in roles} == compared


@torch.no_grad()
@pytest.mark.parametrize("bins", BINS)
def test_batch_norm_uses_the_batch_in_training_and_what_it_gathered_in_eval(bins):
    module = layer("batch_norm", bins=bins)
    features = 3 + 2 * noise(bins=bins, batch=4)
    normed = module(features).movedim(1, 0).flatten(1)
    assert torch.allclose(normed.mean(1), torch.zeros(8), atol=1e-5)
    assert torch.allclose(normed.var(1, unbiased=False), torch.ones(8), atol=1e-3)
    for _ in range(100):
        module(features)
    alone = module.eval()(features[:1])
    assert torch.allclose(alone, module(features)[:1], atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("bins", BINS)
def test_dropout_drops_its_share_in_training_and_nothing_in_eval(bins):
    features = torch.ones(10, 8, *([] if bins is None else [bins]), 1000)
    module = layer("dropout", 0.3, bins=bins)
    # 80 000 values or more: the share that is kept is off by 0.0017, and by five times that about never.
    assert float(module(features).gt(0).float().mean()) == pytest.approx(0.7, abs=0.009)
    assert torch.equal(module.eval()(features), features)


@pytest.mark.parametrize("bins", BINS)
def test_a_learned_slope_is_learned(bins):
    module = layer("prelu", bins=bins)
    torch.autograd.backward(module(noise(bins=bins)).sum())
    (slope,) = module.parameters()
    assert slope.grad is not None
    assert slope.grad.abs().sum() > 0


@torch.no_grad()
@pytest.mark.parametrize("given", [("instance_norm",), ("group_norm", 8), ("group_norm", 1)])
def test_norms_over_places_take_a_single_value_for_its_mean(given):
    # What is left of one sample at the deepest level; torch's own modules refuse it.
    module = layer(*given)
    answer = module(noise(batch=1, places=1))
    assert answer.shape == (1, 8, 1)
    assert answer.isfinite().all()
    if given != ("group_norm", 1):
        # Nothing but rounding over the norm's 0.003, the root of 1e-5.
        assert answer.abs().max() < 1e-3


@pytest.mark.parametrize("given", ["instance_norm", "group_norm"])
@pytest.mark.parametrize("channels", [1, 2])
def test_norms_over_places_may_be_the_first_layer_of_all(given, channels):
    # There, nothing asks for the gradient of what comes in: torch's own module ends the whole process.
    model = adaptive(channels=channels, encoder=[[given], *POOLED])
    for samples in (9, 300):
        torch.autograd.backward(model(torch.randn(2, channels, samples)).square().sum())
    assert all_of(model, nn.GroupNorm)[0].weight.grad.abs().sum() > 0


@torch.no_grad()
@pytest.mark.parametrize("factor", [1, 2, 3])
@pytest.mark.parametrize(
    ("name", "of_neighbours"),
    [
        ("max_pool", lambda x: x.amax(-1)),
        ("avg_pool", lambda x: x.mean(-1)),
        ("decimate", lambda x: x[..., 0]),
    ],
)
def test_pooling_is_a_function_of_as_many_neighbours(name, of_neighbours, factor):
    features = noise(places=12)
    expected = of_neighbours(torch.unflatten(features, -1, (-1, factor)))
    pool = plain_layer(entry("encoder", name, factor), 8, 1)
    assert torch.allclose(pool(features), expected, atol=1e-6)
    # On spectrograms, a pair is for bins and frames; one number is for both.
    features = noise(bins=12, places=6)
    for given in ([factor, 1], [1, factor], factor):
        down, along = (given, given) if isinstance(given, int) else given
        rows = torch.unflatten(features, -1, (-1, along))
        blocks = torch.unflatten(rows, -3, (-1, down)).transpose(-3, -2)
        pool = plain_layer(entry("encoder", name, given), 8, 2)
        assert torch.allclose(pool(features), of_neighbours(blocks.flatten(-2)), atol=1e-6)


@torch.no_grad()
def test_a_convolution_pads_by_half_its_reach_and_divides_by_its_stride():
    for kernel, stride, dilation in itertools.product((1, 3, 7), (1, 2, 3), (1, 2, 4)):
        values = {"kernel_size": kernel, "stride": stride, "dilation": dilation}
        conv: Any = convolution(entry("encoder", "conv", values), 2, 5, 1, bias=True)
        audio = torch.randn(2, 2, 12)
        reach = dilation * (kernel - 1) // 2
        expected = F.conv1d(
            F.pad(audio, (reach, reach)), conv.weight, conv.bias, stride, 0, dilation
        )
        assert conv(audio).shape == (2, 5, 12 // stride)
        assert torch.allclose(conv(audio), expected[..., : 12 // stride], atol=1e-5)


@torch.no_grad()
def test_pairs_of_a_convolution_are_for_bins_and_frames():
    values = {"kernel_size": [3, 5], "stride": [2, 1], "dilation": [1, 2]}
    conv: Any = convolution(entry("encoder", "conv", values), 2, 5, 2, bias=True)
    assert (conv.kernel_size, conv.stride, conv.dilation) == ((3, 5), (2, 1), (1, 2))
    assert conv(torch.randn(1, 2, 12, 9)).shape == (1, 5, 6, 9)


def full_transposed(features: Tensor, weight: Tensor, factor: int) -> Tensor:
    """Each value times the kernel, `factor` apart, summed: `B K T` by `K L size`."""
    batch, _, places = features.shape
    size = weight.shape[-1]
    total = torch.zeros(batch, weight.shape[1], (places - 1) * factor + max(size, factor))
    for place in range(places):
        start = place * factor
        total[..., start : start + size] += torch.einsum(
            "bk,kls->bls", features[..., place], weight
        )
    return total


@torch.no_grad()
@pytest.mark.parametrize(("kernel", "factor"), [*itertools.product(range(1, 9), range(1, 5))])
def test_a_transposed_convolution_multiplies_sizes_exactly_whatever_its_kernel(kernel, factor):
    given = entry("decoder", "transpose_conv", kernel)
    up, features = up_layer(given, 3, 2, (factor,), bias=False)
    assert features == 2
    audio = torch.randn(2, 3, 6)
    answer = up(audio)
    assert answer.shape == (2, 2, 6 * factor)
    # It is the middle of the whole product: what does not fit is cut at both ends, at most one more at the start.
    weight = all_of(up, nn.ConvTranspose1d)[0].weight
    whole = full_transposed(audio, weight, factor)
    start = -(-max(0, kernel - factor) // 2)
    expected = F.pad(whole, (0, 2))[..., start : start + 6 * factor]
    assert torch.allclose(answer, expected, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("factors", [(2, 1), (1, 3), (2, 3)])
def test_a_transposed_convolution_has_by_default_the_factors_as_its_kernel(factors):
    for given in ((), (2,), ([3, 2],), (4,)):
        up, _ = up_layer(entry("decoder", "transpose_conv", *given), 3, 2, factors, bias=True)
        if not given:
            assert all_of(up, CONVS)[0].kernel_size == factors
        answer = up(torch.randn(1, 3, 4, 5))
        assert answer.shape == (1, 2, 4 * factors[0], 5 * factors[1])


def test_a_transposed_convolution_of_a_single_value_is_torch_s():
    # Torch's own, over interleaved channels as here, writes beyond its memory in the backward pass.
    for bias, factors in ((True, (2, 3)), (False, (2, 1)), (True, (1, 4))):
        up, _ = up_layer(entry("decoder", "transpose_conv", 1), 3, 2, factors, bias=bias)
        extra = (factors[0] - 1, factors[1] - 1)
        twin = nn.ConvTranspose2d(3, 2, 1, factors, output_padding=extra, bias=bias)
        twin.load_state_dict(up.state_dict())
        features = torch.randn(2, 3, 4, 5, requires_grad=True)
        gradients = []
        for module, given in (
            (up, features.contiguous(memory_format=torch.channels_last)),
            (twin, features),
        ):
            answer = module(given)
            assert torch.allclose(answer, twin(features), atol=1e-6)
            gradients.append(
                torch.autograd.grad(answer.square().sum(), [features, *module.parameters()])
            )
        for ours, theirs in zip(*gradients, strict=True):
            assert torch.allclose(ours, theirs, atol=1e-4)


@torch.no_grad()
def test_upsampling_repeats_values_or_draws_lines_between_them():
    audio = torch.tensor([[[0.0, 3.0]]])
    repeat, features = up_layer(entry("decoder", "upsample"), 1, 9, (3,), bias=True)
    assert features == 1
    assert repeat(audio).tolist() == [[[0, 0, 0, 3, 3, 3]]]
    between, _ = up_layer(entry("decoder", "upsample", {"mode": "linear"}), 1, 9, (3,), bias=True)
    # Values stand in the middle of their thirds.
    assert torch.allclose(between(audio), torch.tensor([[[0.0, 0, 1, 2, 3, 3]]]), atol=1e-6)
    for mode in ("nearest", "linear"):
        up, _ = up_layer(entry("decoder", "upsample", {"mode": mode}), 1, 9, (2, 1), bias=True)
        assert up(torch.randn(1, 1, 4, 5)).shape == (1, 1, 8, 5)


def test_a_pair_on_audio_is_refused_with_its_place():
    for keys in (
        {"encoder": [["conv", [3, 5]], ["max_pool", 2]]},
        {"encoder": [["conv", 3], ["max_pool", [2, 1]]]},
        {"decoder": [["transpose_conv", [2, 1]]]},
        {"decoder": [["upsample", [2, 1]], ["conv"]]},
        {"bottleneck": [["conv", [1, 3]]]},
    ):
        with pytest.raises(
            ModelError, match=r"^entry . of .*, \[.*\], gives a pair, but audio has one direction"
        ):
            adaptive(domain="audio", **keys)


def test_groups_and_heads_that_do_not_divide_the_features_are_refused_with_their_place():
    with pytest.raises(
        ModelError,
        match=r"^entry 2 of encoder, \[group_norm, 3\], makes 3 groups of 4 features",
    ):
        adaptive(encoder=[["conv"], ["group_norm", 3], ["max_pool"]])
    with pytest.raises(
        ModelError,
        match=r"^entry 1 of bottleneck, \[attention, 3\], shares 8 features among 3 heads",
    ):
        adaptive(bottleneck=[["attention", 3]])


def test_a_gate_that_cannot_halve_the_features_is_refused_with_its_place():
    with pytest.raises(ModelError, match=r"^entry 1 of encoder, \[glu\], halves 1 features"):
        adaptive(encoder=[["glu"], *POOLED])


PLACES = [
    (domain, name, layer)
    for domain in ("spectrogram", "audio")
    for name in ("encoder", "decoder", "bottleneck")
    for layer in layers_of(name)
    if LAYERS[layer].role not in ("down", "up")
]


@pytest.mark.parametrize(("domain", "name", "given"), PLACES)
@pytest.mark.parametrize("last", [True, False])
def test_every_layer_runs_and_learns_wherever_it_may_stand(domain, name, given, last):
    lists = {"encoder": POOLED, "decoder": UP, "bottleneck": [["conv", 3]]}
    lists[name] = [*lists[name], [given]] if last else [[given], *lists[name]]
    if given == "glu" and name == "encoder" and not last:
        lists[name] = [["conv"], *lists[name]]  # one plane cannot be halved
    model = adaptive(domain=domain, **lists)
    estimate = model.estimate(torch.randn(2, 1, 300))
    assert estimate.audio().shape == (2, 1, 1, 300)
    torch.autograd.backward(estimate.values.square().sum())
    # The last level ends with its last convolution: what comes after is not there to be reached.
    assert all(weights.grad is not None for weights in model.parameters())


@pytest.mark.parametrize("domain", ["spectrogram", "audio"])
@pytest.mark.parametrize("up", [["transpose_conv", 4], ["upsample"], ["upsample", {"mode": "linear"}]])  # fmt: skip
@pytest.mark.parametrize("down", ["max_pool", "avg_pool", "decimate", "conv"])
def test_every_way_down_goes_with_every_way_up(domain, down, up):
    encoder = [["conv", 3], ["relu"], [down, 3]]
    if down == "conv":
        encoder = [["conv", {"kernel_size": 3, "stride": 3}], ["relu"]]
    model = adaptive(domain=domain, encoder=encoder, decoder=[up, ["conv", 3], ["relu"]])
    assert model(torch.randn(2, 1, 301)).shape == (2, 1, 1, 301)
