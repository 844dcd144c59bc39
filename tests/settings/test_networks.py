"""Settings of the U-Nets: what names, domains and types imply, and lists of layers from and to files."""

from pathlib import Path
from typing import Any

import pytest

from auralflow.checkpoints import build_network
from auralflow.config import Layer, read_config_file, to_yaml
from auralflow.config.files import parse_value
from auralflow.errors import ConfigError
from auralflow.models.adaptive.config import AdaptiveConfig
from auralflow.models.catalogue import ARCHITECTURES
from auralflow.models.unet.config import UNetConfig
from auralflow.session import load_settings
from auralflow.settings import Settings, read_settings

U_NETS = [entry.name for entry in ARCHITECTURES if entry.config is UNetConfig]
DOMAIN = {"Spec": "spectrogram", "Audio": "audio"}


def unet(*layers: tuple[str, dict[str, Any]], base: str | None = None) -> UNetConfig:
    settings = read_settings([Layer(*layer) for layer in layers], base=base)
    assert isinstance(settings.model, UNetConfig)
    return settings.model


@pytest.mark.parametrize("name", ["recurrent", "Recurrent", "RECURRENT"])
def test_recurrent_is_the_unet_with_an_lstm(name):
    for model in (unet(base=name), unet(("a.yaml", {"model": {"base-model": name}}))):
        assert (model.base_model, model.network) == ("unet", "UNetRecurrentSpec")
        assert (model.bottleneck.type, model.bottleneck.layers) == ("lstm", 1)


@pytest.mark.parametrize("case", [str, str.lower, str.upper])
@pytest.mark.parametrize("name", U_NETS)
def test_each_name_of_a_class_in_any_case_is_the_network_of_that_name(name, case):
    model = unet(base=case(name))
    assert model.network == name
    kind, domain = name.removeprefix("UNet"), name[-5:] if name.endswith("Audio") else name[-4:]
    assert model.domain == DOMAIN[domain]
    assert model.task == ("direct" if domain == "Audio" else "mask")
    assert model.bottleneck.variational == kind.startswith("VAE")
    assert (model.bottleneck.type == "lstm") == kind.startswith("Recurrent")
    # The file that is written from it describes the same network without its name.
    assert unet(("a.yaml", parse_value(to_yaml("model", model), "a.yaml"))) == model


@pytest.mark.parametrize("base", ["unet", "adaptive"])
def test_the_audio_domain_implies_the_direct_task(base, tmp_path):
    (tmp_path / "my.yaml").write_text("model:\n  domain: audio\n")
    from_file = load_settings(base=base, load_config=[tmp_path / "my.yaml"])
    from_flag = load_settings(base=base, flags={"domain": "audio"})
    for settings, origin in ((from_file, "my.yaml"), (from_flag, "flag")):
        assert settings.as_plain()["model"]["task"] == "direct"
        assert settings.origins["task"] == origin


@pytest.mark.parametrize(
    ("layers", "task"),
    [
        ([{"domain": "audio", "task": "mask"}], "mask"),
        ([{"domain": "audio"}, {"task": "mask"}], "mask"),
        # Whoever names a task means it, wherever the domain is named.
        ([{"task": "mask"}, {"domain": "audio"}], "mask"),
        ([{"task": "direct"}, {"domain": "spectrogram"}], "direct"),
        # A task that only followed from the domain goes when that does.
        ([{"domain": "audio"}, {"domain": "spectrogram"}], "mask"),
        ([{"domain": "spectrogram"}, {"domain": "audio"}], "direct"),
        ([{"base-model": "UNetAudio"}, {"domain": "spectrogram"}], "mask"),
        ([{"base-model": "UNetVAEAudio", "task": "mask"}], "mask"),
    ],
)
def test_a_task_that_is_named_goes_before_the_one_that_follows(layers, task):
    assert unet(*((f"{n}.yaml", layer) for n, layer in enumerate(layers))).task == task


def test_a_base_named_by_a_flag_goes_before_the_domain_of_a_file():
    model = unet(("a.yaml", {"domain": "spectrogram"}), ("flag", {"base-model": "UNetAudio"}))
    assert (model.domain, model.network) == ("audio", "UNetAudio")


@pytest.mark.parametrize("kind", ["lstm", "conv"])
@pytest.mark.parametrize(
    ("before", "layers"),
    [
        ({}, 1),
        ({"bottleneck": {"layers": 0}}, 1),
        ({"bottleneck": {"type": "conv", "layers": 0}}, 1),
        ({"bottleneck": {"layers": 3}}, 3),
    ],
)
def test_a_type_of_bottleneck_without_a_number_means_one_unless_a_file_has_more(
    kind, before, layers
):
    model = unet(("a.yaml", before), ("flag", {"bottleneck.type": kind}))
    assert (model.bottleneck.type, model.bottleneck.layers) == (kind, layers)


def test_a_number_beside_the_type_is_that_number_be_it_0():
    for number in (0, 1, 4):
        model = unet(("a.yaml", {"bottleneck": {"type": "lstm", "layers": number}}))
        assert model.bottleneck.layers == number
        assert model.network == ("UNetRecurrentSpec" if number else "UNetSpec")
    assert unet(("a.yaml", {"bottleneck.type": "lstm"}), ("flag", {"bottleneck.layers": 0})).network == "UNetSpec"  # fmt: skip


def test_the_files_that_are_written_and_a_flag_over_them(tmp_path):
    # A plain U-Net's own file says `layers: 0`; asking for an LSTM over it means one.
    file = tmp_path / "v_config.yaml"
    file.write_text(to_yaml("model", unet()))
    settings = load_settings(load_config=[file], flags={"bottleneck.type": "lstm"})
    assert settings.model.network == "UNetRecurrentSpec"


OWN = {entry.name: entry for entry in ARCHITECTURES if entry.data}


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("where", ["argument", "file", "flag"])
def test_an_architecture_s_own_data_go_before_the_defaults_and_nothing_else(name, where):
    named = {"argument": [], "file": [Layer("a.yaml", {"model": {"base-model": name}})],
             "flag": [Layer("flag", {"base-model": name})]}[where]  # fmt: skip

    def read(*before: Layer, after: tuple[Layer, ...] = ()) -> Settings:
        return read_settings([*before, *named, *after], base=name)

    own = OWN[name].data
    plain = read().as_plain()["data"]
    assert {key: plain[key] for key in own} == dict(own)
    assert plain | dict(own) == read_settings(base="unet").as_plain()["data"] | dict(own)
    (key, value), *_ = [item for item in own.items() if item[0] == "hop-length"]
    changed = read(after=(Layer("flag", {key: value // 2}),))
    assert changed.as_plain()["data"] == {**plain, key: value // 2}


LISTS: dict[str, Any] = {
    "encoder": [
        ["conv", {"kernel_size": [5, 3], "dilation": 2}],
        ["group_norm", {"groups": 2}],
        ["leaky_relu", 0.1],
        ["max_pool", [2, 1]],
    ],
    "decoder": [["upsample", {"mode": "linear"}], ["conv", 3], ["glu"], ["dropout", 0.25]],
    "bottleneck": [["gru", {"layers": 2, "bidirectional": False}], ["variational", 0.5]],
    "max-layers": 2,
    "init-features": 4,
    "num-dropouts": None,
}


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_lists_and_mappings_survive_their_own_file(tmp_path, suffix):
    import json

    settings = read_settings([Layer("create", {"model": LISTS})], base="AdaptiveUNet")
    file = tmp_path / f"net_config.{suffix}"
    if suffix == "yaml":
        file.write_text(to_yaml("model", settings.model))
    else:
        file.write_text(json.dumps({"model": settings.as_plain()["model"]}))
    written = read_config_file(file)["model"]
    assert {key: written[key] for key in LISTS} == LISTS
    again = load_settings(load_config=[file])
    assert again.model == settings.model
    assert isinstance(again.model, AdaptiveConfig)
    # And they are that network.
    states = [
        {name: value.shape for name, value in build_network(each, ("vocals",)).state_dict().items()}
        for each in (settings, again)
    ]
    assert states[0] == states[1]


def test_lists_can_be_flags():
    text = "[[conv, {kernel_size: [5, 3]}], [max_pool, [2, 1]]]"
    flags = {"encoder": parse_value(text, "--encoder"), "decoder": [["upsample"], ["conv"]]}
    model = load_settings(base="adaptive", flags=flags).model
    assert isinstance(model, AdaptiveConfig)
    assert model.encoder == (("conv", {"kernel_size": (5, 3)}), ("max_pool", (2, 1)))


def test_wrong_entries_of_a_file_are_named_with_the_file_and_all_others(tmp_path: Path):
    (tmp_path / "net.yaml").write_text(
        "base-model: adaptive\nencoder: [[conv, 4], [max_pool, 2]]\ndecoder:\n  - conv\n  - [relu, 2]\nlr: fast\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_settings(load_config=[tmp_path / "net.yaml"])
    text = str(caught.value)
    assert text.startswith("3 settings are wrong:\n")
    for part in (
        "net.yaml: encoder is [[conv, 4], [max_pool, 2]], but entry 1 of encoder, [conv, 4], gives kernel_size 4",
        "net.yaml: decoder is [conv, [relu, 2]], but entry 1 of decoder, conv, is a word: write [conv]",
        "entry 2 of decoder, [relu, 2], gives a value, but relu takes no value",
        "net.yaml: lr is fast",
    ):
        assert part in text


def test_keys_of_one_family_s_levels_are_not_lost_on_the_other():
    # `encoder` is a section of one and a list of the other.
    with pytest.raises(ConfigError, match=r"--encoder\.leak is not a key here"):
        load_settings(base="adaptive", flags={"encoder.leak": 0.1})
    with pytest.raises(ConfigError, match=r"encoder is .*, but must be a list of layers"):
        load_settings(base="adaptive", flags={"encoder": {"leak": 0.1}})
    with pytest.raises(ConfigError, match=r"encoder is .*, but must be keys with values"):
        load_settings(base="unet", flags={"encoder": [["conv", 3]]})
