"""Networks from lists as a whole: every size, the depth that fits, and whatever lists there are."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from auralflow.errors import AuralflowError, ModelError
from auralflow.models.build import AdaptiveUNet
from auralflow.models.lists.design import Design
from auralflow.models.lists.entries import LAYERS
from auralflow.models.lists.unet import ListUNet, deepest
from tests.models.lists.building import POOLED, UP, adaptive

STRIDED: list[list[Any]] = [["conv", {"kernel_size": 3, "stride": 2}], ["relu"]]


def u_net(encoder: Any, decoder: Any, *, depth: int = 2, bins: int | None = None) -> ListUNet:
    design = Design.of(
        encoder=encoder,
        decoder=decoder,
        bottleneck=(),
        depth=depth,
        init_features=2,
        growth="double",
        num_dropouts=None,
        skips=True,
    )
    return ListUNet(design, planes_in=1, planes_out=1, bins=bins)


@pytest.mark.parametrize(
    ("size", "factor", "times"),
    [(1, 2, 0), (2, 2, 1), (3, 2, 1), (64, 2, 6), (48, 2, 5), (80, 3, 3), (81, 3, 4), (9, 1, 0)],
)
def test_the_largest_depth_is_the_whole_logarithm(size, factor, times):
    assert deepest(size, factor) == times
    if factor > 1:
        assert times == math.floor(math.log(size) / math.log(factor) + 1e-9)


@torch.no_grad()
@pytest.mark.parametrize("factor", [2, 3])
def test_signals_of_every_length_keep_it(factor):
    unet = u_net([["conv", 3], ["max_pool", factor]], [["upsample"], ["conv", 3]]).eval()
    assert unet.divisors == (factor**2,)
    for samples in range(1, 71):
        assert unet(torch.randn(2, 1, samples))[0].shape == (2, 1, samples)


@torch.no_grad()
@pytest.mark.parametrize("bins", [1, 3, 48, 50, 64])
@pytest.mark.parametrize("factor", [2, [2, 1], [1, 3]])
def test_planes_of_every_size_keep_it(bins, factor):
    encoder = [["conv", 3], ["max_pool", factor]]
    unet = u_net(encoder, [["upsample"], ["conv", 3], ["lstm"]], bins=bins).eval()
    for frames in (1, 2, 9, 10):
        assert unet(torch.randn(2, 1, bins, frames))[0].shape == (2, 1, bins, frames)


@torch.no_grad()
@pytest.mark.parametrize("decoder", [UP, [["upsample"], ["conv", 3]], [["transpose_conv", 5]]])
@pytest.mark.parametrize("encoder", [POOLED, STRIDED, [["conv", 1], ["avg_pool", 2]]])
def test_the_last_sample_of_every_length_reaches_the_last_sample(encoder, decoder):
    unet = u_net(encoder, decoder).eval()
    for weights in unet.parameters():
        weights.abs_()  # so that nothing cancels and no unit is off
    for samples in range(1, 71):
        signals = torch.ones(2, 1, samples)
        signals[1, :, -1] += 1
        as_it_was, louder = unet(signals)[0][:, 0, -1].tolist()
        assert louder > as_it_was


@torch.no_grad()
@pytest.mark.parametrize("bins", [None, 5, 8])
def test_what_a_skip_hands_over_stands_where_it_stood(bins):
    # All weights are zero, but for those that hand the input over the first level's skip to the output.
    unet = u_net([["conv", 1], ["max_pool", 2]], [["upsample"], ["conv", 1]], bins=bins).eval()
    for weights in unet.parameters():
        weights.zero_()
    first: Any = unet.get_submodule("encoder.0.before.0")
    last: Any = unet.get_submodule("decoder.1.after.0")
    first.weight[0] = 1
    # Of the two features of the skip, which come last, the first.
    last.weight[:, -2] = 1
    for places in range(1, 71 if bins is None else 10):
        planes = torch.randn(1, 1, *([] if bins is None else [bins]), places)
        assert torch.equal(unet(planes)[0], planes)


@torch.no_grad()
def test_pooling_of_bins_alone_leaves_frames_alone():
    # Convolutions of one frame: each frame is a network of its own.
    encoder = [["conv", [3, 1]], ["relu"], ["max_pool", [2, 1]]]
    unet = u_net(encoder, [["upsample"], ["conv", [3, 1]]], bins=16).eval()
    planes = torch.randn(1, 1, 16, 9)
    alone = torch.cat([unet(frame)[0] for frame in torch.split(planes, 1, -1)], -1)
    assert torch.allclose(unet(planes)[0], alone, atol=1e-6)


@torch.no_grad()
def test_a_network_moves_with_its_signal_by_the_product_of_its_factors():
    unet = u_net([["conv", 3], ["max_pool", 3]], [["upsample"], ["conv", 3]]).eval()
    assert unet.divisors == (9,)
    signal = torch.randn(1, 1, 270)
    answer, moved = (unet(audio)[0] for audio in (signal, signal.roll(9, -1)))
    # Far from the ends, where what is beyond them is not seen.
    assert torch.allclose(moved[..., 99:180], answer[..., 90:171], atol=1e-6)
    assert not torch.allclose(moved[..., 90:171], answer[..., 90:171], atol=1e-3)


@pytest.mark.parametrize(
    ("keys", "step"),
    [
        # A hop of 48 samples is a frame, and two levels divide frames by the square of their factor.
        ({"encoder": [["conv"], ["max_pool", [4, 3]]]}, 48 * 9),
        ({"encoder": [["conv"], ["max_pool", [4, 1]]]}, 48),
        ({"encoder": [["conv"], ["max_pool", 3]], "domain": "audio"}, 9),
        (
            {"domain": "audio", "task": "mask", "filter_bank": {"filters": 2, "size": 20}},
            10 * 4,
        ),
    ],
)
def test_the_step_of_a_network_is_what_its_levels_make_of_its_domain_s(keys, step):
    assert adaptive(**{"decoder": [["upsample"], ["conv"]], **keys}).step == step


DEPTHS: list[tuple[dict[str, Any], int, str]] = [
    # Half of 64 is 32 bins: 2⁵, and more than 3³.
    ({}, 5, "32 frequency bins can be halved 5 times"),
    ({"encoder": [["conv"], ["max_pool", 3]]}, 3, "32 frequency bins can be divided by 3 3 times"),
    ({"num_fft": 96, "window_size": 96}, 5, "48 frequency bins can be halved 5 times"),
    ({"encoder": [["conv"], ["max_pool", [2, 1]]]}, 5, "32 frequency bins can be halved 5 times"),
    # 0.1 s are 800 samples, of which every 48th is the middle of a frame, up to the one after the last: 18, above 2⁴.
    (
        {"encoder": [["conv"], ["max_pool", [1, 2]]], "chunk_size": 0.1},
        4,
        "18 frames of a chunk can be halved 4 times",
    ),
    # Frames count where they are divided by more than bins are: 18 is above 4².
    (
        {"encoder": [["conv"], ["max_pool", [2, 4]]], "chunk_size": 0.1},
        2,
        "18 frames of a chunk can be divided by 4 2 times",
    ),
    ({"domain": "audio", "chunk_size": 0.1}, 9, "800 samples of a chunk can be halved 9 times"),
    (
        {
            "domain": "audio",
            "task": "mask",
            "filter_bank": {"filters": 2, "size": 40},
            "chunk_size": 0.1,
        },
        5,
        # Positions 20 apart, and one more than fits, so that the end lies under two filters as well.
        "41 filter positions of a chunk can be halved 5 times",
    ),
]


@pytest.mark.parametrize(("keys", "largest", "text"), DEPTHS)
def test_too_deep_a_network_is_refused_with_the_largest_depth_that_fits(keys, largest, text):
    keys = {
        "decoder": [["upsample"], ["conv"]],
        "init_features": 1,
        "growth": "add",
        **keys,
    }
    for more in (1, 30):
        with pytest.raises(ModelError) as caught:
            adaptive(max_layers=largest + more, **keys)
        assert str(caught.value).startswith(f"max-layers is {largest + more}, but {text} at most: ")
        assert f"set max-layers to {largest} or less, or raise " in str(caught.value)
    model = adaptive(max_layers=largest, **keys).eval()
    with torch.no_grad():
        assert model(torch.randn(1, 1, 50)).shape == (1, 1, 1, 50)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({}, "there is no more than 32 frequency bins: divide by less, or raise num-fft"),
        ({"domain": "audio"}, "there is no more than 24000 samples of a chunk: divide by less"),
    ],
)
@pytest.mark.parametrize("factor", [10**6, 10**30])
def test_a_factor_beyond_all_sizes_is_refused(keys, text, factor):
    with pytest.raises(ModelError, match=f"^each level divides by {factor}, but {text}"):
        adaptive(max_layers=1, encoder=[["conv"], ["max_pool", factor]], **keys)
    with pytest.raises(ModelError, match=f"divides by {factor}, but there is no more than 501 frames"):  # fmt: skip
        adaptive(max_layers=1, encoder=[["conv"], ["max_pool", [1, factor]]])


def test_networks_that_divide_nothing_may_be_as_deep_as_one_likes():
    conv = [["conv", 1]]
    model = adaptive(
        max_layers=20, encoder=conv, decoder=conv, init_features=1, growth="add"
    ).eval()
    assert model(torch.randn(1, 1, 50)).shape == (1, 1, 1, 50)


def test_levels_come_in_their_order_with_their_names():
    model = adaptive(bottleneck=[["lstm"]])
    names = ["encoder 1", "encoder 2", "bottleneck", "decoder 1", "decoder 2"]
    assert [name for name, _ in model.levels()] == names
    assert [name for name, _ in adaptive().levels()] == [n for n in names if n != "bottleneck"]


def test_divergences_of_several_variational_layers_are_summed():
    mixture = torch.randn(1, 1, 300)
    one, two = (adaptive(bottleneck=[["variational", 1.0]] * count).eval() for count in (1, 2))
    assert float(two.estimate(mixture).penalties["kl"].detach()) > 1.5
    parts: list[Tensor] = []
    for layer in two.unet.bottleneck.layers:
        layer.register_forward_hook(lambda _, __, answer: parts.append(answer[1]))
    total = two.estimate(mixture).penalties["kl"]
    assert len(parts) == 2
    assert torch.allclose(total, parts[0] + parts[1])
    assert one.estimate(mixture).penalties["kl"] < total


SIZES = st.one_of(st.integers(1, 4), st.tuples(st.integers(1, 3), st.integers(1, 3)))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "conv": st.one_of(
        st.sampled_from([1, 3, (3, 1)]),
        st.fixed_dictionaries({"kernel_size": st.just(3), "dilation": SIZES}),
        st.fixed_dictionaries({"kernel_size": st.just(3), "stride": SIZES}),
    ),
    "upsample": st.sampled_from([None, 2, {"mode": "linear"}, {"mode": "nearest"}]),
    "transpose_conv": SIZES,
    "max_pool": SIZES,
    "avg_pool": SIZES,
    "decimate": SIZES,
    "group_norm": st.sampled_from([1, 2, 4]),
    "attention": st.sampled_from([1, 2, 3]),
    "dropout": st.floats(0, 1),
}


def _entry(names: list[str]) -> st.SearchStrategy[list[Any]]:
    return st.sampled_from(names).flatmap(
        lambda name: st.one_of(
            st.just([name]), VALUES.get(name, st.none()).map(lambda value: [name, value])
        )
    )


ANY = sorted(LAYERS)
FITTING = [name for name in ANY if LAYERS[name].role not in ("up", "down")]


@st.composite
def _level(draw: st.DrawFn, needed: list[list[str]]) -> list[list[Any]]:
    """A list that holds what a level needs, in any order among other layers; now and then, any list at all."""
    if draw(st.integers(0, 19)) == 7:
        return draw(st.lists(_entry(ANY), max_size=4))
    common = [name for name in FITTING if name not in ("attention", "variational")]
    entries = [draw(_entry(names)) for names in needed]
    entries += draw(st.lists(_entry(common), max_size=3))
    return list(draw(st.permutations(entries)))


LISTS = st.fixed_dictionaries(
    {
        "encoder": _level([["conv"], ["max_pool", "avg_pool", "decimate"]]),
        "decoder": _level([["transpose_conv", "upsample"], ["conv"]]),
        "bottleneck": st.lists(_entry(FITTING), max_size=3),
        "domain": st.sampled_from(["spectrogram", "audio"]),
        "task": st.sampled_from(["mask", "direct"]),
        "max_layers": st.integers(1, 3),
        "use_skip": st.booleans(),
        "growth": st.sampled_from(["double", "add"]),
        "num_dropouts": st.one_of(st.none(), st.integers(0, 3)),
        "normalize_input": st.booleans(),
        "normalize_output": st.booleans(),
    }
)


def works(keys: dict[str, Any], samples: int, targets: int, channels: int) -> bool:
    """Whether the lists make a network, of which all is then asked that is asked of networks."""
    torch.manual_seed(0)
    try:
        model = AdaptiveUNet(
            **keys,
            init_features=4,
            targets=["vocals", "bass"][:targets],
            channels=channels,
            filter_bank={"filters": 4, "size": 4},
            sample_rate=8000,
            num_fft=32,
            window_size=32,
            hop_length=24,
        )
    except AuralflowError:
        return False
    mixture = torch.randn(2, channels, samples)
    estimate = model.estimate(mixture)
    assert estimate.values.isfinite().all()
    total = estimate.values.square().sum() + sum(estimate.penalties.values())
    torch.autograd.backward(total)
    for name, weights in model.named_parameters():
        assert weights.grad is None or weights.grad.isfinite().all(), name
    with torch.no_grad():
        stems = model.eval()(mixture)
        assert stems.shape == (2, targets, channels, samples)
        assert stems.isfinite().all()
        alone = model(mixture[:1])
    assert torch.allclose(stems[:1], alone, rtol=1e-3, atol=1e-4)
    return True


def test_any_lists_make_a_network_that_works_or_an_error_that_says_why():
    built: list[bool] = []

    @settings(max_examples=150)
    @given(LISTS, st.integers(1, 120), st.integers(1, 2), st.integers(1, 3))
    def check(keys: dict[str, Any], samples: int, targets: int, channels: int) -> None:
        built.append(works(keys, samples, targets, channels))

    check()
    # Or errors alone would have been tested.
    assert sum(built) > 0.3 * len(built)
