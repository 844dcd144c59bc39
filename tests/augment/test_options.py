"""The keys under `augment`."""

import pytest
from pydantic import ValidationError

from auralflow.augment import AUGMENTATIONS, AugmentConfig, wanted_numbers
from auralflow.augment.options import AugmentationConfig, TempoConfig
from auralflow.config import Layer, parameters_of, resolve
from auralflow.config.parameters import section_of
from auralflow.errors import ConfigError

RANGES = [
    ("tempo", "low", "high"),
    ("equalizer", "low-hz", "high-hz"),
    ("equalizer", "low-q", "high-q"),
    ("reverb", "low-seconds", "high-seconds"),
    ("reverb", "low-wet", "high-wet"),
    ("gain", "low-db", "high-db"),
    ("band-limit", "low-hz", "high-hz"),
    ("clip-mixture", "low-db", "high-db"),
]


def default_of(key: str) -> float:
    value = next(leaf.default for leaf in parameters_of(AugmentConfig) if leaf.key == key)
    assert isinstance(value, float)
    return value


def test_everything_is_off_at_first_and_wants_no_numbers():
    assert wanted_numbers(AugmentConfig()) == {}


def test_what_is_switched_on_wants_the_numbers_of_the_catalogue():
    config = AugmentConfig.model_validate({name: {"probability": 0.1} for name in AUGMENTATIONS})
    wanted = {name: member.numbers for name, member in AUGMENTATIONS.items()}
    assert wanted_numbers(config) == wanted
    assert list(wanted_numbers(config)) == list(wanted)


@pytest.mark.parametrize("name", AugmentConfig.model_fields)
def test_each_section_begins_with_its_probability_and_says_what_each_key_does(name):
    section = section_of(AugmentConfig.model_fields[name].annotation)
    assert section is not None
    assert issubclass(section, AugmentationConfig)
    leaves = list(parameters_of(section))
    assert leaves[0].key == "probability"
    assert all(leaf.doc.endswith(".") for leaf in leaves)


def test_the_ranges_of_this_page_are_all_there_are():
    ends = {f"{name}.{high}" for name, _, high in RANGES}
    keys = {leaf.key for leaf in parameters_of(AugmentConfig)}
    assert {key for key in keys if key.partition(".")[2].startswith("high")} == ends


@pytest.mark.parametrize(("name", "low", "high"), RANGES)
def test_the_ends_of_a_range_must_be_in_order_and_may_be_equal(name, low, high):
    lowest = default_of(f"{name}.{low}")
    equal = resolve(AugmentConfig, [Layer("file", {name: {high: lowest}})]).value
    assert getattr(getattr(equal, name.replace("-", "_")), high.replace("-", "_")) == lowest
    beyond = default_of(f"{name}.{high}") * 1.001
    with pytest.raises(
        ConfigError,
        match=f"^{name}.{high} is .*, but must be no less than {low}, which is .*: change it$",
    ):
        resolve(AugmentConfig, [Layer("file", {name: {low: beyond}})])


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("gain", "probability", 1.5),
        ("gain", "probability", -0.1),
        ("remix", "group", 1),
        ("tempo", "low", 0.0),
        ("pitch", "semitones", 0.0),
        ("time-shift", "seconds", 0.0),
        ("equalizer", "bands", 1),
        ("equalizer", "bands", 7),
        ("equalizer", "low-q", 0.0),
        ("reverb", "low-seconds", 0.0),
        ("clip-mixture", "low-db", -1.0),
    ],
)
def test_values_out_of_bounds_are_refused_by_name(name, key, value):
    with pytest.raises(ConfigError, match=f"{name}.{key} is {value}"):
        resolve(AugmentConfig, [Layer("file", {name: {key: value}})])


def test_a_range_is_checked_against_defaults_too_when_made_in_python():
    with pytest.raises(ValidationError, match=r"no less than low, which is 1\.5"):
        TempoConfig(low=1.5)


def test_chunks_are_read_longer_only_where_tempo_may_be_faster():
    assert AugmentConfig().longest == 1.0
    fast = AugmentConfig(tempo=TempoConfig(probability=0.1, high=1.25))
    slow = AugmentConfig(tempo=TempoConfig(probability=0.1, low=0.8, high=0.9))
    off = AugmentConfig(tempo=TempoConfig(high=1.25))
    assert [config.longest for config in (fast, slow, off)] == [1.25, 1.0, 1.0]
    # 1.25 times 7 is 8.75, and a sample is whole.
    assert fast.samples_to_read(7) == 9
