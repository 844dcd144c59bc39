"""Values from several places laid over one another."""

from typing import Any

import pytest

from auralflow.config import Layer, resolve
from auralflow.errors import ConfigError
from tests.config.sections import Oven, Recipe


def value_of(**values: Any) -> Recipe:
    return resolve(Recipe, [Layer("flag", values)]).value


def complaint(*layers: Layer) -> str:
    with pytest.raises(ConfigError) as caught:
        resolve(Recipe, layers)
    return str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"flour-grams": 300.0, "oven": {"fan": True}},
        {"flour_grams": 300.0, "oven": {"fan": True}},
        {"flour-grams": 300.0, "oven.fan": True},
        {"flour_grams": 300.0, "oven.fan": True},
    ],
)
def test_keys_are_read_in_kebab_and_snake_case_nested_and_dotted(values):
    recipe = resolve(Recipe, [Layer("file", values)]).value
    assert recipe == Recipe(flour_grams=300.0, oven=Oven(heat=220, fan=True))


def test_a_partial_override_leaves_the_other_defaults_of_a_nested_instance():
    # 220 is the default of this recipe's oven, 180 that of ovens.
    assert value_of(**{"oven.fan": True}).oven.heat == 220


def test_a_later_layer_goes_before_an_earlier_one_leaf_by_leaf():
    resolved = resolve(
        Recipe,
        [
            Layer("a.yaml", {"eggs": 3, "oven": {"heat": 100}}),
            Layer("flag", {"oven.fan": True, "eggs": 4}),
        ],
    )
    assert (resolved.value.eggs, resolved.value.oven.heat, resolved.value.oven.fan) == (
        4,
        100,
        True,
    )


def test_the_origin_of_every_value_that_is_not_a_default_is_known():
    layers = [Layer("a.yaml", {"eggs": 3, "oven": {"heat": 100}}), Layer("flag", {"eggs": 4})]
    assert resolve(Recipe, layers).origins == {"eggs": "flag", "oven.heat": "a.yaml"}


def test_an_empty_nested_section_keeps_its_defaults():
    # What is left of a section in YAML when every line below it is commented out.
    assert value_of(oven=None, eggs=3).oven == Oven(heat=220)


def test_whole_numbers_serve_as_numbers():
    grams = value_of(flour_grams=300).flour_grams
    assert (grams, type(grams)) == (300.0, float)


def test_lists_become_tuples():
    assert value_of(sizes=[4, 2], toppings=["a", "b"]).sizes == (4, 2)


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("eggs", True, "eggs is true, but must be a whole number"),
        ("eggs", 2.5, "eggs is 2.5, but must be a whole number"),
        ("eggs", 2.0, "eggs is 2.0, but must be a whole number"),
        ("eggs", "2", 'eggs is "2", but must be a whole number'),
        ("eggs", None, "eggs is null, but must be a whole number"),
        ("flour-grams", True, "flour-grams is true, but must be a number"),
        ("flour-grams", 0, "flour-grams is 0, but must be greater than 0"),
        ("flour-grams", float("inf"), "flour-grams is .inf, but must be a finite number"),
        ("flour-grams", float("nan"), "flour-grams is .nan, but must be a finite number"),
        ("crust", "thck", "crust is thck, but must be one of thin, thick"),
        ("toppings", "cheese", "toppings is cheese, but must be a list of a word"),
        ("toppings", ["a", 3], "toppings is 3, but must be a list of a word"),
        ("sizes", [1, 2, 3], "sizes is [1, 2, 3], but"),
        ("title", 12, "title is 12, but must be a word"),
        ("oven", 3, "oven is 3, but must be keys with values"),
        ("oven.fan", 1, "oven.fan is 1, but must be true or false"),
        ("oven.heat", 0, "oven.heat is 0, but must be greater than 0"),
    ],
)
def test_a_value_of_another_type_is_refused_with_what_is_wanted(key, value, wanted):
    assert complaint(Layer("my.yaml", {key: value})).startswith(f"my.yaml: {wanted}")


def test_a_flag_is_named_as_it_was_typed():
    assert complaint(Layer("flag", {"oven.heat": 0})).startswith("--oven.heat is 0, but")


@pytest.mark.parametrize(
    ("typed", "meant"), [("egs", "eggs"), ("flour_gram", "flour-grams"), ("oven.heet", "oven.heat")]
)
def test_a_misspelt_key_is_answered_with_the_nearest_one(typed, meant):
    assert f"(did you mean {meant}?)" in complaint(Layer("flag", {typed: 1}))


def test_a_key_like_no_other_is_answered_with_the_keys_there_are():
    assert "(known: flour-grams, eggs," in complaint(Layer("a.yaml", {"zzz": 1}))


def test_all_problems_of_all_layers_come_at_once_each_with_its_place():
    text = complaint(
        Layer("a.yaml", {"egs": 1, "oven": {"heat": -1, "fam": True}}),
        Layer("b.json", {"crust": "fat"}),
        Layer("flag", {"flour-grams": "much"}),
    )
    assert text.startswith("5 settings are wrong:\n")
    for part in (
        "  - a.yaml: egs is not a key here (did you mean eggs?)",
        "  - a.yaml: oven.heat is -1",
        "  - a.yaml: oven.fam is not a key here (did you mean oven.fan?)",
        "  - b.json: crust is fat",
        "  - --flour-grams is much",
    ):
        assert part in text


def test_a_section_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Recipe().eggs = 3  # type: ignore[misc]  # that is the point
