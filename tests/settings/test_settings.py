"""The settings of a model, laid over one another from files and flags."""

from collections.abc import Mapping
from typing import Any

import pytest

from auralflow.config import Layer, to_yaml
from auralflow.config.files import parse_value
from auralflow.datasets.config import DataConfig
from auralflow.errors import ConfigError
from auralflow.models.catalogue import ARCHITECTURES, base_names
from auralflow.settings import (
    SECTIONS,
    Settings,
    TrainConfig,
    all_parameters,
    read_settings,
)

ONE_OF_EACH = [
    ("model", "max-layers", 6, 4, 3),
    ("model", "encoder.leak", 0.2, 0.1, 0.3),
    ("data", "sample-rate", 44100, 22050, 8000),
    ("data", "augment.gain.high-db", 6.0, 3.0, 9.0),
    ("train", "lr", 0.001, 0.01, 0.1),
]
"""Section, key, promised default, a value for a file, a value for a flag."""


def read(*layers: tuple[str, Mapping[str, Any]], base: str | None = None) -> Settings:
    return read_settings([Layer(*layer) for layer in layers], base=base)


def value(settings: Settings, section: str, key: str) -> Any:
    place: Any = settings.as_plain()[section]
    for part in key.split("."):
        place = place[part]
    return place


def complaint(*layers: tuple[str, Mapping[str, Any]], base: str | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        read(*layers, base=base)
    return str(caught.value)


@pytest.mark.parametrize(("section", "key", "default", "in_file", "flag"), ONE_OF_EACH)
def test_a_flag_goes_before_a_file_and_a_file_before_the_default(
    section, key, default, in_file, flag
):
    file = ("my.yaml", {section: {key: in_file}})
    assert value(read(), section, key) == default
    assert value(read(file), section, key) == in_file
    both = read(file, ("flag", {key: flag}))
    assert value(both, section, key) == flag
    assert both.origins[key] == "flag"
    assert read(file).origins[key] == "my.yaml"
    assert key not in read().origins


@pytest.mark.parametrize(("section", "key", "default", "in_file", "flag"), ONE_OF_EACH)
def test_a_key_may_stand_in_its_section_or_bare(section, key, default, in_file, flag):
    assert read(("a.yaml", {key: in_file})) == read(("a.yaml", {section: {key: in_file}}))


def test_one_file_may_hold_sections_and_bare_keys():
    settings = read(
        ("a.yaml", {"data": {"mono": False}, "lr": 0.5, "encoder": {"down": "maxpool"}})
    )
    assert (settings.data.mono, settings.train.lr) == (False, 0.5)
    assert value(settings, "model", "encoder.down") == "maxpool"


def test_a_section_without_keys_is_as_good_as_none():
    assert read(("a.yaml", {"data": None, "model": None})).as_plain() == read().as_plain()


def test_the_wrong_keys_of_all_files_and_flags_are_named_at_once():
    text = complaint(
        ("model.yaml", {"model": {"max-layer": 3}}),
        ("data.yaml", {"data": {"monno": True}, "splitt": 0.1}),
        ("train.json", {"train": {"lr": "fast"}}),
        ("flag", {"sample-rat": 1, "encoder.kernel": 3}),
    )
    assert text.startswith("6 settings are wrong:\n")
    for part in (
        "model.yaml: max-layer is not a key here (did you mean max-layers?)",
        "data.yaml: monno is not a key here (did you mean mono?)",
        "data.yaml: splitt is not a key of model, data or train (did you mean split?)",
        "train.json: lr is fast, but must be a number",
        "--sample-rat is not a key of model, data or train (did you mean sample-rate?)",
        "--encoder.kernel is not a key here (did you mean encoder.kernel-size?)",
    ):
        assert part in text


def test_a_section_that_is_no_mapping_is_refused():
    text = complaint(("a.yaml", {"data": 3}), ("b.yaml", {"model": "unet"}))
    assert "a.yaml: data is 3, but must be keys with values" in text
    assert "b.yaml: model is unet, but must be keys with values" in text


@pytest.mark.parametrize("name", base_names())
@pytest.mark.parametrize("case", [str, str.lower, str.upper])
@pytest.mark.parametrize("key", ["base-model", "base_model"])
def test_every_name_of_a_base_is_taken_in_any_case(name, case, key):
    by_file = read(("a.yaml", {"model": {key: case(name)}}))
    by_argument = read(base=case(name))
    assert by_file.as_plain() == by_argument.as_plain()


def test_a_base_in_a_file_goes_before_the_one_passed_along():
    settings = read(("a.yaml", {"base-model": "UNetSpec"}), base="no-such-thing")
    assert settings.model.base_model == "unet"


def test_an_unknown_base_is_answered_with_the_known_ones():
    assert "unett is not a base architecture (did you mean unet?)" in complaint(base="unett")
    assert "unet" in complaint(("a.yaml", {"base-model": "zzz"}))
    assert "base-model is 3" in complaint(("a.yaml", {"base-model": 3}))


@pytest.mark.parametrize("entry", ARCHITECTURES, ids=lambda entry: entry.name)
def test_a_key_that_the_architecture_does_not_have_is_refused(entry):
    text = complaint(("a.yaml", {"model": {"wings": 2}}), base=entry.name)
    assert "a.yaml: wings is not a key here" in text


@pytest.mark.parametrize("entry", ARCHITECTURES, ids=lambda entry: entry.name)
def test_the_settings_of_every_architecture_survive_their_own_files(entry):
    settings = read(("a.yaml", {"targets": ["no", "1", "a: b"], "lr": 1e-7}), base=entry.name)
    files = [(name, parse_value(to_yaml(name, settings.section(name)), name)) for name in SECTIONS]
    assert read(*files).as_plain() == settings.as_plain()
    assert read(("checkpoint", settings.as_plain())).as_plain() == settings.as_plain()


@pytest.mark.parametrize(
    "section", [*(entry.config for entry in ARCHITECTURES), DataConfig, TrainConfig]
)
def test_the_defaults_of_every_section_are_valid(section):
    # They are made without being looked at.
    assert section.defaults() == section()
    assert section.model_validate(section.defaults().model_dump()) == section()


def test_every_parameter_is_described_and_named_once():
    parameters = [parameter for _, parameter in all_parameters()]
    keys = [parameter.key for parameter in parameters]
    assert len(keys) == len(set(keys))
    undescribed = [parameter.key for parameter in parameters if not parameter.doc]
    assert undescribed == []


@pytest.mark.parametrize(
    ("key", "default"),
    [
        ("targets", ("vocals",)),
        ("mono", True),
        ("sample-rate", 44100),
        ("num-fft", 1024),
        ("window-size", 1024),
        ("hop-length", 768),
        ("chunk-size", 3),
        ("load-size", 8192),
        ("batch-size", 8),
        ("split", 0.2),
        ("epochs", 100),
        ("patience", 10),
        ("optim", "adam"),
        ("lr", 0.001),
        ("loss", "l1"),
        ("workers", 8),
        ("pin-mem", True),
        ("cuda", True),
        ("num-gpus", 1),
        ("num-nodes", 1),
        ("backend", "soundfile"),
        ("tensorboard", True),
        ("seed", 0),
        ("max-layers", 6),
        ("init-features", 16),
        ("bottleneck.type", "conv"),
        ("bottleneck.layers", 0),
        ("encoder.block-layers", 1),
        ("encoder.kernel-size", 5),
        ("encoder.down", "conv"),
        ("encoder.leak", 0.2),
        ("decoder.block-layers", 1),
        ("decoder.kernel-size", 5),
        ("decoder.up", "transposed"),
        ("decoder.dropout", 0.5),
        ("num-dropouts", 3),
        ("skip-connections", True),
        ("mask-activation", "sigmoid"),
        ("input-norm", True),
        ("output-norm", False),
        ("task", "mask"),
        ("domain", "spectrogram"),
    ],
)
def test_every_promised_key_has_its_promised_default(key, default):
    # What the documentation promises: a change here is a change for everybody.
    defaults = {parameter.key: parameter.default for _, parameter in all_parameters()}
    assert defaults[key] == default
