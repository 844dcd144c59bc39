"""Where skips leave and join, as drawn in `levels`, and how wide each convolution is."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from auralflow.errors import ModelError
from tests.models.lists.building import CONVS, POOLED, UP, adaptive, all_of

STRIDED: list[list[Any]] = [["conv", {"kernel_size": 3, "stride": 2}], ["relu"]]
DOMAINS = ["spectrogram", "audio"]


def widths(module: nn.Module) -> list[tuple[int, int]]:
    return [(conv.in_channels, conv.out_channels) for conv in all_of(module, CONVS)]


def depth(**keys: Any) -> Any:
    """The U-Net of three levels of 4, 8 and 16 features that sees one plane and answers with one."""
    return adaptive(max_layers=3, **keys).unet


def walk(unet: Any) -> list[tuple[str, Any, Any]]:
    """What each level gives out, and which skip it gives or takes: features and size along time."""
    seen: list[tuple[str, Any, Any]] = []

    def short(tensor: Tensor | None) -> tuple[int, ...] | None:
        return None if tensor is None else (tensor.shape[1], tensor.shape[-1])

    hooks = [
        level.register_forward_hook(
            lambda _, given, answer, name=name: seen.append(
                (name, short(answer[0]), short(answer[1]))
                if name.startswith("encoder")
                else (name, short(answer), short(given[1]))
            )
        )
        for name, level in unet.levels()
        if name != "bottleneck"
    ]
    bins = (32,) if unet.divisors[1:] else ()
    unet(torch.randn(2, 1, *bins, 16))
    for hook in hooks:
        hook.remove()
    return seen


@pytest.mark.parametrize("domain", DOMAINS)
def test_skips_leave_before_pooling_and_join_after_the_up_layer(domain):
    unet = depth(domain=domain, encoder=POOLED, decoder=UP)
    assert widths(unet.encoder) == [(1, 4), (4, 8), (8, 16)]
    # Up to the features of the level above, and beside them come those of the encoder at that resolution.
    assert widths(unet.decoder) == [(16, 8), (8 + 16, 8), (8, 4), (4 + 8, 4), (4, 4), (4 + 4, 1)]
    assert walk(unet) == [
        ("encoder 1", (4, 8), (4, 16)),
        ("encoder 2", (8, 4), (8, 8)),
        ("encoder 3", (16, 2), (16, 4)),
        ("decoder 1", (8, 4), (16, 4)),
        ("decoder 2", (4, 8), (8, 8)),
        ("decoder 3", (1, 16), (4, 16)),
    ]


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize(
    "decoder", [[["transpose_conv", 3], ["relu"]], [["conv", 3], ["relu"], ["upsample"]]]
)
@pytest.mark.parametrize("encoder", [STRIDED, POOLED])
def test_skips_join_before_an_up_layer_that_is_the_last_to_convolve(domain, encoder, decoder):
    unet = depth(domain=domain, encoder=encoder, decoder=decoder)
    assert widths(unet.encoder) == [(1, 4), (4, 8), (8, 16)]
    # The deepest level's output would be its own skip.
    assert widths(unet.decoder) == [(16, 8), (8 + 8, 4), (4 + 4, 1)]
    assert walk(unet) == [
        ("encoder 1", (4, 8), (4, 8)),
        ("encoder 2", (8, 4), (8, 4)),
        ("encoder 3", (16, 2), (16, 2)),
        ("decoder 1", (8, 4), None),
        ("decoder 2", (4, 8), (8, 4)),
        ("decoder 3", (1, 16), (4, 8)),
    ]


@pytest.mark.parametrize("domain", DOMAINS)
def test_skips_of_strided_convolutions_join_before_the_up_layer_even_if_others_follow(domain):
    unet = depth(domain=domain, encoder=STRIDED, decoder=UP)
    assert widths(unet.decoder) == [(16, 8), (8, 8), (8 + 8, 4), (4, 4), (4 + 4, 4), (4, 1)]
    assert [skip for name, _, skip in walk(unet) if name.startswith("decoder")] == [
        None,
        (8, 4),
        (4, 8),
    ]


@pytest.mark.parametrize("domain", DOMAINS)
def test_without_a_change_of_resolution_skips_join_first(domain):
    conv = [["conv", 3], ["relu"]]
    unet = depth(domain=domain, encoder=conv, decoder=conv)
    assert widths(unet.decoder) == [(16, 8), (8 + 8, 4), (4 + 4, 1)]
    assert {shape[1] for _, shape, _ in walk(unet)} == {16}


@pytest.mark.parametrize("encoder", [STRIDED, POOLED])
def test_without_skips_nothing_joins(encoder):
    unet = depth(encoder=encoder, decoder=UP, use_skip=False)
    assert widths(unet.decoder) == [(16, 8), (8, 8), (8, 4), (4, 4), (4, 4), (4, 1)]
    assert [skip for name, _, skip in walk(unet) if name.startswith("decoder")] == [None] * 3


@torch.no_grad()
@pytest.mark.parametrize("encoder", [STRIDED, POOLED])
def test_a_skip_is_exactly_what_the_encoder_knew(encoder):
    unet = depth(encoder=encoder, decoder=UP).eval()
    given, taken = [], []
    for level in unet.encoder:
        level.register_forward_hook(lambda _, __, answer: given.append(answer[1]))
    for level in unet.decoder:
        level.register_forward_pre_hook(lambda _, inputs: taken.append(inputs[1]))
    unet(torch.randn(1, 1, 32, 16))
    expected = given[::-1] if encoder is POOLED else [None, *given[-2::-1]]
    assert [id(skip) for skip in taken] == [id(skip) for skip in expected]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_skip_leaves_in_the_middle_of_a_level_that_pools_there(domain):
    encoder = [["conv", 3], ["max_pool", 2], ["conv", 1], ["relu"]]
    unet = depth(domain=domain, encoder=encoder, decoder=UP)
    assert widths(unet.encoder) == [(1, 4), (4, 4), (4, 8), (8, 8), (8, 16), (16, 16)]
    assert [skip for _, _, skip in walk(unet)][:3] == [(4, 16), (8, 8), (16, 4)]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_level_that_pools_first_hands_over_what_it_was_given(domain):
    encoder = [["max_pool", 2], ["conv", 3]]
    unet = depth(domain=domain, encoder=encoder, decoder=UP)
    assert [skip for _, _, skip in walk(unet)][:3] == [(1, 16), (4, 8), (8, 4)]


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("at", [0, 1])
def test_pooling_by_one_changes_nothing_about_skips(domain, at):
    encoder = [*STRIDED[:at], ["max_pool", 1], *STRIDED[at:]]
    unet = depth(domain=domain, encoder=encoder, decoder=UP)
    assert walk(unet) == walk(depth(domain=domain, encoder=STRIDED, decoder=UP))


GATES: list[tuple[str, list[list[Any]]]] = [
    ("directly", [["conv", 3], ["glu"], ["max_pool", 2]]),
    ("across a norm", [["conv", 3], ["batch_norm"], ["glu"], ["max_pool", 2]]),
    ("across an activation", [["conv", 3], ["dropout"], ["relu"], ["glu"], ["max_pool", 2]]),
    ("across pooling", [["conv", 3], ["max_pool", 2], ["glu"]]),
    ("with a stride", [["conv", {"stride": 2}], ["glu"]]),
]


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("encoder", [case[1] for case in GATES], ids=[case[0] for case in GATES])
def test_a_gate_doubles_the_convolution_before_it_and_leaves_the_level_as_wide(domain, encoder):
    unet = depth(domain=domain, encoder=encoder, decoder=UP)
    assert widths(unet.encoder) == [(1, 8), (4, 16), (8, 32)]
    assert [shape for _, shape, _ in walk(unet)][:3] == [(4, 8), (8, 4), (16, 2)]


def test_only_the_convolution_before_a_gate_is_doubled():
    encoder = [["conv", 3], ["relu"], ["conv", 3], ["glu"], ["conv", 3], ["max_pool", 2]]
    assert widths(depth(encoder=encoder, decoder=UP).encoder[0]) == [(1, 4), (4, 8), (4, 4)]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_gate_in_the_decoder_and_in_the_bottleneck(domain):
    decoder = [["transpose_conv", 2], ["conv", 3], ["batch_norm"], ["glu"]]
    unet = depth(domain=domain, encoder=POOLED, decoder=decoder, bottleneck=[["conv"], ["glu"]])
    assert widths(unet.bottleneck) == [(16, 32)]
    # The last level is left without its gate, and so are its values.
    assert widths(unet.decoder) == [(16, 8), (24, 16), (8, 4), (12, 8), (4, 4), (8, 1)]
    # Alone in the bottleneck it halves the features, and the decoder takes the half.
    unet = depth(domain=domain, encoder=POOLED, decoder=UP, bottleneck=[["glu"]])
    assert widths(unet.decoder)[:2] == [(8, 8), (24, 8)]
    walk(unet)


def test_the_last_level_ends_with_its_last_convolution():
    decoder = [
        ["transpose_conv", 2], ["batch_norm"], ["relu"], ["dropout"], ["conv", 3], ["layer_norm"], ["glu"],
        ["dropout"], ["gru"],
    ]  # fmt: skip
    unet = depth(encoder=POOLED, decoder=decoder)
    kinds = [
        [type(part).__name__ for part in [*level.before, *level.after]] for level in unet.decoder
    ]
    whole = ["ConvTranspose2d", "BatchNorm2d", "ReLU", "Dropout", "Conv2d"]
    assert kinds == [[*whole, "FeatureNorm", "GLU", "Dropout", "Recurrent"]] * 2 + [whole]
    # A convolution without a norm behind it has an offset of its own.
    assert unet.decoder[0].after[-5].bias is None
    assert unet.decoder[-1].after[-1].bias is not None
    # A layer that raises the resolution stays wherever it stands.
    unet = depth(encoder=POOLED, decoder=[["conv", 3], ["relu"], ["upsample"], ["tanh"]])
    kinds = [[type(part).__name__ for part in level.after] for level in unet.decoder]
    assert kinds == [["Conv2d", "ReLU", "Upsample", "Tanh"]] * 2 + [["Conv2d", "Upsample"]]


@pytest.mark.parametrize("number", [0, 1, 2, 9, None])
@pytest.mark.parametrize("domain", DOMAINS)
def test_num_dropouts_counts_decoder_levels_from_the_bottleneck(domain, number):
    decoder = [["transpose_conv", 2], ["dropout", 0.3], ["conv", 3], ["dropout", 0.1]]
    unet = depth(domain=domain, encoder=POOLED, decoder=decoder, num_dropouts=number)
    shares = [[part.p for part in all_of(level, nn.Dropout)] for level in unet.decoder]
    # None keeps all; the last level has no place for the second.
    kept = 3 if number is None else min(number, 3)
    assert shares == [[[0.3, 0.1], [0.3, 0.1], [0.3]][level] if level < kept else [] for level in range(3)]  # fmt: skip


def test_dropout_of_the_other_lists_is_not_counted():
    unet = depth(
        encoder=[*POOLED, ["dropout", 0.2]],
        decoder=[*UP, ["dropout"]],
        bottleneck=[["dropout", 0.7]],
        num_dropouts=0,
    )
    assert [part.p for part in all_of(unet, nn.Dropout)] == [0.2, 0.2, 0.2, 0.7]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_recurrent_layers_see_the_bins_that_are_left_where_they_stand(cell):
    # 32 bins, halved in the middle of each level, and doubled again.
    encoder = [["conv", 3], [cell], ["max_pool", 2], [cell]]
    decoder = [[cell], ["transpose_conv", 2], [cell], ["conv", 3]]
    model = adaptive(encoder=encoder, decoder=decoder, bottleneck=[[cell]])
    sizes = [part.input_size for part in all_of(model, (nn.LSTM, nn.GRU))]
    down = [4 * 32, 4 * 16, 8 * 16, 8 * 8]
    # Before the up layer, and after the skip has joined: 8 + 4, then 4 + 4.
    up = [8 * 8, (4 + 8) * 16, 4 * 16, (4 + 4) * 32]
    assert sizes == [*down, 8 * 8, *up]
    assert model(torch.randn(2, 1, 500)).shape == (2, 1, 1, 500)


def test_two_layers_that_change_the_resolution_are_refused_with_both():
    for second in (["max_pool", 2], ["decimate", [1, 2]], ["conv", {"stride": 2}]):
        with pytest.raises(
            ModelError,
            match=r"^entry 4 of encoder, \[.*\], divides the resolution again, after max_pool: leave one",
        ):
            adaptive(encoder=[*POOLED, second])
    with pytest.raises(
        ModelError,
        match=r"^entry 2 of decoder, \[upsample\], raises the resolution again, after transpose_conv",
    ):
        adaptive(decoder=[["transpose_conv", 2], ["upsample"], ["conv"]])


@pytest.mark.parametrize(
    ("down", "up", "text"),
    [
        (2, ["transpose_conv", {"stride": 3}], "multiplies the resolution by 3 × 3, .* by 2 × 2"),
        (4, ["upsample", 2], "multiplies the resolution by 2 × 2, .* by 4 × 4"),
        ([2, 1], ["upsample", 2], "multiplies the resolution by 2 × 2, .* by 2 × 1"),
    ],
)
def test_up_and_down_by_different_factors_are_refused(down, up, text):
    with pytest.raises(ModelError, match=rf"^entry 1 of decoder, .*, {text}: make them equal"):
        adaptive(encoder=[["conv"], ["max_pool", down]], decoder=[up, ["conv"]])


@pytest.mark.parametrize("domain", DOMAINS)
def test_up_without_down_and_down_without_up_are_refused(domain):
    with pytest.raises(ModelError, match="decoder has no layer that multiplies it: add"):
        adaptive(domain=domain, decoder=[["conv", 3]])
    with pytest.raises(
        ModelError, match=r"^entry 1 of decoder, .*, and encoder has no layer that divides it: add"
    ):
        adaptive(domain=domain, encoder=[["conv", 3]])


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_list_without_a_convolution_is_refused(domain):
    with pytest.raises(ModelError, match=r"^encoder has no convolution: add one"):
        adaptive(domain=domain, encoder=[["max_pool", 2]])
    with pytest.raises(ModelError, match=r"^decoder has no convolution: add one"):
        adaptive(domain=domain, decoder=[["upsample", 2], ["relu"]])
