"""`AdaptiveUNet` and `UNet`, as people use them in their own scripts."""

import copy
import itertools
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from auralflow.errors import ConfigError, ModelError
from auralflow.models import create
from auralflow.models.adaptive.config import AdaptiveConfig
from auralflow.models.build import AdaptiveUNet, UNet
from auralflow.models.lists.sequence import Recurrent
from auralflow.models.unet.config import UNetConfig
from tests.models.networks import SIGNAL

# SPEC section 3, word for word.
ENCODER = [["conv", 3], ["batch_norm"], ["leaky_relu", 0.2], ["max_pool", 2]]
DECODER = [["transpose_conv", 2], ["conv", 3], ["batch_norm"], ["relu"], ["dropout", 0.4]]  # fmt: skip
BOTTLENECK = [["lstm", 3]]


def all_of(module: nn.Module, *kinds: type[nn.Module]) -> list[Any]:
    return [part for part in module.modules() if isinstance(part, kinds)]


def widths(module: nn.Module) -> list[tuple[int, int]]:
    convolutions = all_of(module, nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d)
    return [(conv.in_channels, conv.out_channels) for conv in convolutions]


def small(**keys: Any) -> AdaptiveUNet:
    given = {"max_layers": 2, "init_features": 4, "encoder": ENCODER, "decoder": DECODER, **SIGNAL}
    return AdaptiveUNet(**{**given, **keys})


def test_the_promised_call_makes_the_promised_network():
    model = AdaptiveUNet(max_layers=6, encoder=ENCODER, decoder=DECODER, bottleneck=BOTTLENECK,
                         mask_activation="sigmoid", use_skip=True, targets=["vocals"])  # fmt: skip
    assert isinstance(model, nn.Module)
    # The U-Net of Ronneberger et al.: convolve, pool; raise, join what was before the pooling, convolve.
    assert widths(model.unet.encoder) == [(2, 16), (16, 32), (32, 64), (64, 128), (128, 256), (256, 512)]  # fmt: skip
    assert widths(model.unet.decoder) == [
        (512, 256), (256 + 512, 256),
        (256, 128), (128 + 256, 128),
        (128, 64), (64 + 128, 64),
        (64, 32), (32 + 64, 32),
        (32, 16), (16 + 32, 16),
        (16, 16), (16 + 16, 2),
    ]  # fmt: skip
    (recurrent,) = all_of(model.unet.bottleneck, Recurrent)
    # 512 bins halved six times are 8, of 512 features each.
    assert (recurrent.cells.num_layers, recurrent.cells.input_size) == (3, 8 * 512)
    assert [part.p for part in all_of(model, nn.Dropout)] == [0.4] * 5
    assert {part.negative_slope for part in all_of(model, nn.LeakyReLU)} == {0.2}
    assert isinstance(model.get_submodule("domain.mask.activation"), nn.Sigmoid)
    with torch.no_grad():
        assert model.eval()(torch.randn(1, 2, 5000)).shape == (1, 1, 2, 5000)


def test_the_wider_call_makes_the_same_network():
    wide = UNet(max_layers=2, init_hidden=4, encoder=ENCODER, decoder=DECODER, bottleneck=BOTTLENECK, bottleneck_layers=1,
                num_dropout=3, use_skip=True, mask_activation="sigmoid", normalize_input=True, normalize_output=False,
                targets=["vocals"], **SIGNAL)  # fmt: skip
    state = {name: value.shape for name, value in small(bottleneck=BOTTLENECK).state_dict().items()}
    assert {name: value.shape for name, value in wide.state_dict().items()} == state


def test_all_defaults_are_the_network_of_the_catalogue():
    expected = create("unet").state_dict()
    for model in (UNet(), AdaptiveUNet()):
        state = model.state_dict()
        assert list(state) == list(expected)
        assert [value.shape for value in state.values()] == [v.shape for v in expected.values()]
    dropouts = {name: len(all_of(model, nn.Dropout)) for name, model in
                (("UNet", UNet()), ("unet", create("unet")), ("AdaptiveUNet", AdaptiveUNet()))}  # fmt: skip
    # AdaptiveUNet leaves none of its list out, but in the last level.
    assert dropouts == {"UNet": 3, "unet": 3, "AdaptiveUNet": 5}


@torch.no_grad()
def test_with_equal_weights_it_answers_as_the_network_of_the_catalogue():
    model, twin = UNet(max_layers=3, **SIGNAL), create("unet", max_layers=3, **SIGNAL)
    twin.load_state_dict(model.state_dict())
    mixture = torch.randn(1, 2, 2000)
    assert torch.equal(model.eval()(mixture), twin.eval()(mixture))


@torch.no_grad()
@pytest.mark.parametrize("domain", ["spectrogram", "audio"])
@pytest.mark.parametrize("task", ["mask", "direct"])
@pytest.mark.parametrize(("channels", "targets"), [(1, 1), (2, 4), (3, 2)])
def test_several_targets_any_channels_both_domains_and_tasks(domain, task, channels, targets):
    names = ["vocals", "drums", "bass", "other"][:targets]
    model = small(
        domain=domain,
        task=task,
        channels=channels,
        targets=names,
        filter_bank={"filters": 4, "size": 8},
        bottleneck=BOTTLENECK,
    ).eval()
    assert model.targets == tuple(names)
    assert model(torch.randn(2, channels, 301)).shape == (2, targets, channels, 301)


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        ({"num_dropout": 1}, lambda model: len(all_of(model, nn.Dropout)) == 1),
        ({"num_dropout": 0}, lambda model: not all_of(model, nn.Dropout)),
        ({"use_skip": False}, lambda model: widths(model.unet.decoder)[1] == (32, 32)),
        ({"init_hidden": 3}, lambda model: widths(model.unet.encoder) == [(2, 3), (3, 6), (6, 12)]),
        ({"max_layers": 1}, lambda model: len(model.unet.encoder) == 1),
        (
            {"mask_activation": "tanh"},
            lambda model: isinstance(model.domain.mask.activation, nn.Tanh),
        ),
        (
            {"normalize_input": False},
            lambda model: isinstance(model.domain.input_norm, nn.Identity),
        ),
        (
            {"normalize_output": True},
            lambda model: not isinstance(model.domain.output_norm, nn.Identity),
        ),
        ({"targets": ["bass", "drums"]}, lambda model: widths(model.unet.decoder)[-1][1] == 4),
        (
            {"bottleneck": [["lstm"], ["relu"]], "bottleneck_layers": 3},
            lambda model: (
                [type(part) for part in model.unet.bottleneck.layers] == [Recurrent, nn.ReLU] * 3
            ),
        ),
        (
            {"bottleneck": [["lstm"]], "bottleneck_layers": 0},
            lambda model: len(model.unet.bottleneck.layers) == 0,
        ),
        ({"domain": "audio"}, lambda model: not all_of(model, nn.Conv2d)),
        (
            {"domain": "audio", "task": "mask"},
            lambda model: hasattr(model.domain, "filter_bank"),
        ),
        ({"task": "direct"}, lambda model: model.domain.mask is None),
    ],
)
def test_each_argument_changes_what_it_names(keys, part):
    given = {"max_layers": 3, "encoder": ENCODER, "decoder": DECODER, **SIGNAL}
    assert part(UNet(**{**given, **keys}))
    assert not part(UNet(**{**given, "bottleneck": [["tanh"]]}))


def test_features_can_grow_by_addition():
    assert widths(small(max_layers=3, growth="add").unet.encoder) == [(2, 4), (4, 8), (8, 12)]


@pytest.mark.parametrize("build", [AdaptiveUNet, UNet])
def test_the_lists_given_are_never_changed_however_deep(build):
    lists: dict[str, Any] = {
        "encoder": [["conv", {"kernel_size": [3, 5]}], ["relu"], ["max_pool", [2, 1]]],
        "decoder": [["upsample", {"factor": [2, 1]}], ["conv", [3, 1]], ["dropout", 0.5]],
        "bottleneck": [["gru", {"layers": 2}]],
        "targets": ["bass", "drums"],
    }
    before = copy.deepcopy(lists)
    model = build(max_layers=2, **lists, **SIGNAL)
    assert lists == before
    # Nor does the network change with them afterwards.
    written = model.config.model_dump()
    lists["encoder"][0][1]["kernel_size"][0] = 4
    lists["decoder"][0][1]["factor"] = 7
    lists["bottleneck"].append(["relu"])
    assert model.config.model_dump() == written


@pytest.mark.parametrize(
    "lists",
    [
        {
            "encoder": (("conv", 3), ("batch_norm",), ("leaky_relu", 0.2), ("max_pool", 2)),
            "decoder": (("transpose_conv", 2), ("conv", 3), ("batch_norm",), ("relu",), ("dropout", 0.4)),
        },
        {"encoder": (entry for entry in ENCODER), "decoder": iter(DECODER)},
        {
            "encoder": [["conv", np.int64(3)], ["batch_norm"], ["leaky_relu", np.float32(0.2)], ["max_pool", np.int8(2)]],
            "decoder": [*DECODER[:-1], ["dropout", np.float64(0.4)]],
            "max_layers": np.int64(2),
            "init_features": np.int32(4),
        },
    ],
    ids=["tuples", "iterators", "numpy"],
)  # fmt: skip
def test_other_sequences_and_other_numbers_serve_as_well(lists):
    model, plain = small(**lists), small()
    assert widths(model) == widths(plain)
    # What the checkpoint will hold are Python's own numbers, whatever they came as.
    config = model.config
    assert isinstance(config, AdaptiveConfig)
    values = [entry[1] for entry in (*config.encoder, *config.decoder) if len(entry) > 1]
    assert {type(value) for value in values} == {int, float}


def test_one_word_is_one_target():
    assert small(targets="vocals").targets == ("vocals",)
    assert create("unet", max_layers=1, targets="vocals").targets == ("vocals",)


def test_what_is_wrong_with_several_arguments_is_told_at_once():
    with pytest.raises(ConfigError) as caught:
        small(
            encoder=[["conv", 2], ["max_pool"]],
            decoder=[["deconv"]],
            max_layers=0,
            mask_activation="softplus",
            num_dropouts=-1,
            domain="video",
            filter_bank={"filters": 0, "length": 3},
        )
    text = str(caught.value)
    assert text.startswith("8 settings are wrong:\n")
    for part in (
        "AdaptiveUNet: encoder is [[conv, 2], [max_pool]], but entry 1 of encoder, [conv, 2], gives kernel_size 2",
        "AdaptiveUNet: decoder is [[deconv]], but entry 1 of decoder, [deconv], names no layer",
        "AdaptiveUNet: max-layers is 0, but must be greater than 0",
        "AdaptiveUNet: mask-activation is softplus, but must be one of sigmoid",
        "AdaptiveUNet: num-dropouts is -1",
        "AdaptiveUNet: domain is video, but must be one of spectrogram, audio",
        "AdaptiveUNet: filter-bank.filters is 0",
        "AdaptiveUNet: filter-bank.length is not a key here",
    ):
        assert part in text


@pytest.mark.parametrize("given", [-1, 1.5, None])
def test_a_bottleneck_cannot_be_repeated_less_than_not_at_all(given):
    with pytest.raises(ModelError, match=f"^bottleneck_layers is {given}: give how often"):
        UNet(bottleneck=BOTTLENECK, bottleneck_layers=given)


@pytest.mark.parametrize("build", [AdaptiveUNet, UNet])
def test_a_word_is_no_list(build):
    for name, value in itertools.product(("encoder", "decoder", "bottleneck"), ("lstm", {"lstm": 1})):  # fmt: skip
        with pytest.raises(ConfigError, match=f"{name} is .*lstm.*, but "):
            build(max_layers=2, **{name: value})
    with pytest.raises(ConfigError, match=r"entry 1 of encoder, conv, is a word: write \[conv\]"):
        build(encoder=["conv", 3])


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"channels": 0}, "channels is 0: give a whole number above zero"),
        ({"channels": True}, "channels is True: give a whole number above zero"),
        ({"sample_rate": 44100.0}, "sample_rate is 44100.0: give a whole number"),
        ({"chunk_size": 0}, "chunk_size is 0: give seconds above zero"),
        ({"chunk_size": float("inf")}, "chunk_size is inf: give seconds above zero"),
        ({"chunk_size": float("nan")}, "chunk_size is nan: give seconds above zero"),
        ({"targets": []}, "the list of targets is empty"),
        ({"targets": ["bass", "bass"]}, "hold a name twice"),
    ],
)
def test_a_signal_or_targets_that_make_no_sense_are_refused(keys, text):
    with pytest.raises(ModelError, match=text):
        small(**keys)


def test_a_network_is_not_built_from_the_configuration_of_another():
    signal = small().signal
    with pytest.raises(ModelError, match="AdaptiveUNet was given UNetConfig: give it an Adaptive"):
        AdaptiveUNet.from_config(UNetConfig(), signal=signal, targets=("vocals",))
    network = type(create("unet", max_layers=1))
    for config in (AdaptiveConfig(), UNetConfig(domain="audio", task="direct")):
        with pytest.raises(ModelError, match="UNetSpec was given the configuration of "):
            network.from_config(config, signal=signal, targets=("vocals",))


def test_a_network_of_a_configuration_is_that_network_again():
    model = small(
        bottleneck=[["gru", {"layers": 2, "bidirectional": False}], ["attention", 2]],
        num_dropouts=1,
        growth="add",
        use_skip=False,
        domain="audio",
        task="mask",
        filter_bank={"filters": 6, "size": 10},
        mask_activation="relu",
        normalize_input=False,
        normalize_output=True,
        targets=("bass", "drums"),
        channels=3,
    )
    twin = AdaptiveUNet.from_config(model.config, signal=model.signal, targets=model.targets)
    assert (twin.config, twin.signal, twin.targets) == (model.config, model.signal, model.targets)
    twin.load_state_dict(model.state_dict())
    mixture = torch.randn(1, 3, 500)
    with torch.no_grad():
        assert torch.equal(twin.eval()(mixture), model.eval()(mixture))
