"""Lists read into entries: what they can hold, and what is said of what they cannot."""

import copy
import math
from typing import Any

import pytest

from auralflow.config import Layer, resolve
from auralflow.errors import ConfigError
from auralflow.models.adaptive.config import AdaptiveConfig
from auralflow.models.lists.entries import LAYERS, layers_of, read_entries

LISTS = ("encoder", "decoder", "bottleneck")
PROMISED = {
    "conv", "transpose_conv", "upsample", "max_pool", "avg_pool", "decimate", "batch_norm", "group_norm",
    "instance_norm", "layer_norm", "dropout", "relu", "leaky_relu", "prelu", "elu", "gelu", "selu", "silu", "tanh",
    "sigmoid", "glu", "lstm", "gru", "attention",
}  # fmt: skip
"""What issue 3 asks for at least."""


def home_of(layer: str) -> str:
    """A list that can hold a layer."""
    return next(name for name in LISTS if layer in layers_of(name))


def complaint(name: str, *entries: Any) -> str:
    with pytest.raises(ValueError, match=r"^entry ") as caught:
        read_entries(name, list(entries))
    return str(caught.value)


def test_all_layers_that_were_promised_are_there_and_each_belongs_somewhere():
    assert set(LAYERS) >= PROMISED
    for layer in LAYERS:
        assert home_of(layer) in LISTS
        assert LAYERS[layer].explanation


def test_only_the_encoder_divides_only_the_decoder_multiplies_only_the_bottleneck_looks_everywhere():
    lists = {layer: {name for name in LISTS if layer in layers_of(name)} for layer in LAYERS}
    special = {layer: homes for layer, homes in lists.items() if homes != set(LISTS)}
    assert special == {
        "max_pool": {"encoder"},
        "avg_pool": {"encoder"},
        "decimate": {"encoder"},
        "transpose_conv": {"decoder"},
        "upsample": {"decoder"},
        "attention": {"bottleneck"},
        "variational": {"bottleneck"},
    }


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("write", [str, str.upper, lambda name: name.replace("_", "-")])
def test_every_layer_can_stand_alone_in_any_case_with_either_dash(layer, write):
    (entry,) = read_entries(home_of(layer), [[write(layer)]])
    assert entry.layer == layer
    assert entry.values == {name: value.default for name, value in LAYERS[layer].values.items()}


@pytest.mark.parametrize("layer", LAYERS)
def test_no_value_and_an_empty_mapping_are_the_defaults(layer):
    home = home_of(layer)
    (alone,) = read_entries(home, [[layer]])
    assert read_entries(home, [[layer, None]])[0].values == alone.values
    assert read_entries(home, [[layer, {}]])[0].values == alone.values


@pytest.mark.parametrize(
    ("entry", "values"),
    [
        (["conv", 5], {"kernel_size": 5, "stride": 1, "dilation": 1}),
        (["conv", [5, 3]], {"kernel_size": (5, 3), "stride": 1, "dilation": 1}),
        (("conv", (5, 3)), {"kernel_size": (5, 3), "stride": 1, "dilation": 1}),
        (
            ["conv", {"kernel-size": [1, 3], "stride": (2, 1)}],
            {"kernel_size": (1, 3), "stride": (2, 1), "dilation": 1},
        ),
        (["conv", {"dilation": 4}], {"kernel_size": 3, "stride": 1, "dilation": 4}),
        (["max_pool", [2, 1]], {"factor": (2, 1)}),
        (["dropout", 0], {"share": 0}),
        (["leaky_relu", 1], {"slope": 1}),
        (["lstm", 2], {"layers": 2, "bidirectional": True}),
        (["gru", {"bidirectional": False}], {"layers": 1, "bidirectional": False}),
    ],
)
def test_the_first_value_is_given_bare_and_all_by_their_names(entry, values):
    assert read_entries("encoder", [entry])[0].values == values


@pytest.mark.parametrize("name", LISTS)
def test_an_unknown_layer_is_answered_with_the_nearest_and_with_all_there_are(name):
    text = complaint(name, ["relu"], ["convv", 3])
    assert text.startswith(f"entry 2 of {name}, [convv, 3], names no layer (did you mean conv?)")
    for layer in layers_of(name):
        assert layer in text


@pytest.mark.parametrize(
    ("name", "layer"), [(n, layer) for n in LISTS for layer in LAYERS if layer not in layers_of(n)]
)
def test_a_layer_of_another_list_is_refused_with_what_this_one_can_hold(name, layer):
    text = complaint(name, ["relu"], ["tanh"], [layer])
    assert text.startswith(
        f"entry 3 of {name}, [{layer}], has a {layer}, which {name} cannot hold: it can hold "
    )
    assert text.endswith(", ".join(layers_of(name)))


WRONG: list[tuple[str, Any, str]] = [
    ("conv", 4, "an odd number from 1 or a pair (bins, frames)"),
    ("conv", 0, "an odd number from 1"),
    ("conv", -3, "an odd number from 1"),
    ("conv", 3.0, "an odd number from 1"),
    ("conv", True, "an odd number from 1"),
    ("conv", "3", "an odd number from 1"),
    ("conv", [3, 4], "an odd number from 1"),
    ("conv", [3, 3, 3], "an odd number from 1"),
    ("conv", [3], "an odd number from 1"),
    ("conv", [], "an odd number from 1"),
    ("conv", math.nan, "an odd number from 1"),
    ("max_pool", 0, "a whole number from 1 or a pair (bins, frames)"),
    ("max_pool", [2, 0], "a whole number from 1"),
    ("transpose_conv", -1, "a whole number from 1 or a pair (bins, frames)"),
    ("upsample", 1.5, "a whole number from 1"),
    ("group_norm", [2, 2], "a whole number from 1"),
    ("group_norm", 0, "a whole number from 1"),
    ("dropout", 1.1, "a share from 0 to 1"),
    ("dropout", -0.1, "a share from 0 to 1"),
    ("dropout", math.nan, "a share from 0 to 1"),
    ("dropout", True, "a share from 0 to 1"),
    ("leaky_relu", -0.1, "a number from 0"),
    ("leaky_relu", math.inf, "a number from 0"),
    ("leaky_relu", 10**400, "a number from 0"),
    ("leaky_relu", "0.2", "a number from 0"),
    ("prelu", math.nan, "a number from 0"),
    ("elu", False, "a number from 0"),
    ("lstm", 0, "a whole number from 1"),
    ("lstm", True, "a whole number from 1"),
    ("attention", 2.0, "a whole number from 1"),
    ("variational", -1, "a number from 0"),
]


@pytest.mark.parametrize(("layer", "value", "allowed"), WRONG)
def test_a_value_a_layer_cannot_take_is_refused_with_what_it_takes(layer, value, allowed):
    home = home_of(layer)
    first = next(iter(LAYERS[layer].values))
    for given in (value, {first: value}):
        text = complaint(home, ["relu"], [layer, given])
        assert text.startswith(f"entry 2 of {home}, [{layer}, ")
        assert f"gives {first} " in text
        assert f"but {layer} takes {allowed}" in text


@pytest.mark.parametrize(
    ("name", "entry", "wanted"),
    [
        ("encoder", ["relu", 1], "gives a value, but relu takes no value"),
        ("encoder", ["batch_norm", {"eps": 1}], "gives eps, but batch_norm takes no value"),
        (
            "encoder",
            ["conv", {"kernel": 3}],
            "gives kernel, but conv takes kernel_size, an odd number from 1 or a pair (bins, frames), stride, ",
        ),
        (
            "decoder",
            ["upsample", {"mode": "cubic"}],
            "gives mode cubic, but upsample takes nearest or linear there",
        ),
        (
            "encoder",
            ["gru", {"bidirectional": 1}],
            "gives bidirectional 1, but gru takes true or false there",
        ),
        ("encoder", "conv", "is a word: write [conv], or [conv, value]"),
        ("encoder", 3, "must be [layer] or [layer, value]"),
        ("encoder", None, "must be [layer] or [layer, value]"),
        ("encoder", [], "must be [layer] or [layer, value]"),
        ("encoder", ["conv", 3, 2], "must be [layer] or [layer, value]"),
        ("encoder", [3, "conv"], "must be [layer] or [layer, value]"),
        ("encoder", {"conv": 3}, "must be [layer] or [layer, value]"),
        ("encoder", [["conv", 3]], "must be [layer] or [layer, value]"),
    ],
)
def test_an_entry_of_another_form_is_refused_with_its_place(name, entry, wanted):
    text = complaint(name, ["relu"], entry)
    assert text.startswith(f"entry 2 of {name}, ")
    assert wanted in text


@pytest.mark.parametrize("name", ["decoder", "bottleneck"])
@pytest.mark.parametrize("stride", [2, (1, 2)])
def test_a_stride_outside_of_the_encoder_is_refused(name, stride):
    text = complaint(name, ["conv", {"stride": stride}])
    assert "but only the encoder divides the resolution" in text
    assert read_entries(name, [["conv", {"stride": 1}], ["conv", {"stride": (1, 1)}]])


def test_every_wrong_entry_of_every_list_is_told_at_once():
    lists = {
        "encoder": [["conv", 4], ["relu"], ["max_pol"]],
        "decoder": [["upsample"], ["dropout", 2]],
        "bottleneck": [["lstm", -1]],
    }
    with pytest.raises(ConfigError) as caught:
        resolve(AdaptiveConfig, [Layer("my.yaml", {**lists, "max-layers": 0})])
    text = str(caught.value)
    assert text.startswith("4 settings are wrong:\n")
    for part in (
        "my.yaml: max-layers is 0",
        "my.yaml: encoder is [[conv, 4], [relu], [max_pol]], but entry 1 of encoder, [conv, 4], gives",
        "entry 3 of encoder, [max_pol], names no layer (did you mean max_pool?)",
        "my.yaml: decoder is [[upsample], [dropout, 2]], but entry 2 of decoder, [dropout, 2], gives",
        "my.yaml: bottleneck is [[lstm, -1]], but entry 1 of bottleneck",
    ):
        assert part in text


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("value", ["conv", 3, {"conv": 3}, None])
def test_what_is_no_list_at_all_is_refused(name, value):
    with pytest.raises(ConfigError, match=f"{name} is .*, but must be a list of layers"):
        resolve(AdaptiveConfig, [Layer("my.yaml", {name: value})])


@pytest.mark.parametrize("name", ["encoder", "decoder"])
def test_an_empty_list_is_refused_where_there_must_be_layers(name):
    with pytest.raises(
        ConfigError, match=rf'{name} is \[\], but must hold layers, such as \["conv", 3\]'
    ):
        resolve(AdaptiveConfig, [Layer("my.yaml", {name: []})])
    assert resolve(AdaptiveConfig, [Layer("my.yaml", {"bottleneck": []})]).value.bottleneck == ()


def test_a_configuration_shares_nothing_with_the_lists_it_was_made_of():
    given: list[Any] = [["conv", {"kernel_size": [3, 5]}], ["max_pool", [2, 1]]]
    before = copy.deepcopy(given)
    config = resolve(AdaptiveConfig, [Layer("create", {"encoder": given})]).value
    assert given == before
    given[0][1]["kernel_size"][0] = 4
    given[1][1].append(7)
    assert config.encoder == (("conv", {"kernel_size": (3, 5)}), ("max_pool", (2, 1)))
