"""Values that follow from others: what a place sets may imply what it leaves unset."""

from collections.abc import Mapping
from typing import Any, Literal

import pytest

from auralflow.config import Config, Layer, resolve
from auralflow.errors import ConfigError


class Cup(Config):
    """A section within."""

    size: int = 2
    """Decilitres."""
    handle: bool = True
    """Whether it has one."""


class Drink(Config):
    """A section in which the kind implies the rest."""

    kind: Literal["tea", "espresso"] = "tea"
    """What is in it."""
    minutes: int = 4
    """How long it takes."""
    cup: Cup = Cup.defaults()

    @classmethod
    def implied(cls, given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        """Espresso takes no minute and a small cup; a cup that somebody chose stays."""
        if "kind" not in given:
            return {}
        espresso = given["kind"] == "espresso"
        small = {} if "cup.size" in before else {"cup.size": 1 if espresso else 2}
        return {"minutes": 0 if espresso else 4, **small}


def drink(*places: Mapping[str, Any]) -> Drink:
    return resolve(Drink, [Layer(f"{n}.yaml", place) for n, place in enumerate(places)]).value


def test_nothing_is_implied_where_nothing_is_given():
    assert drink() == drink({}) == Drink()


def test_what_follows_goes_before_the_default_in_nested_sections_too():
    got = drink({"kind": "espresso"})
    assert (got.minutes, got.cup.size, got.cup.handle) == (0, 1, True)


def test_what_the_same_place_says_goes_before_what_it_implies():
    got = drink({"kind": "espresso", "minutes": 9, "cup": {"size": 7}})
    assert (got.minutes, got.cup.size) == (9, 7)


def test_what_follows_from_a_later_place_goes_before_what_an_earlier_one_says():
    # Unless the section looks at what was said before, as this one does for the cup.
    got = drink({"minutes": 9, "cup.size": 7}, {"kind": "espresso"})
    assert (got.minutes, got.cup.size) == (0, 7)


def test_what_a_later_place_says_goes_before_what_an_earlier_one_implied():
    got = drink({"kind": "espresso"}, {"minutes": 9, "cup": {"size": 7}})
    assert (got.kind, got.minutes, got.cup.size) == ("espresso", 9, 7)


def test_what_only_followed_does_not_count_as_said():
    # Nobody chose the small cup: with the tea comes the large one again.
    assert drink({"kind": "espresso"}, {"kind": "tea"}) == Drink()


def test_keys_are_handed_over_dotted_and_in_kebab_case():
    seen: list[tuple[dict[str, Any], dict[str, Any]]] = []

    class Watched(Drink):
        """Writes down what it is asked."""

        two_words: int = 1
        """Anything."""

        @classmethod
        def implied(cls, given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
            """Nothing."""
            seen.append((dict(given), dict(before)))
            return {}

    layers = [Layer("a", {"two_words": 3, "cup": {"size": 5}}), Layer("b", {"cup.handle": False})]
    resolve(Watched, layers)
    first = {"two-words": 3, "cup.size": 5}
    assert seen == [(first, {}), ({"cup.handle": False}, first)]


def test_the_origin_of_what_follows_is_the_place_it_follows_from():
    layers = [Layer("a.yaml", {"kind": "espresso"}), Layer("flag", {"minutes": 1})]
    assert resolve(Drink, layers).origins == {
        "kind": "a.yaml",
        "minutes": "flag",
        "cup.size": "a.yaml",
    }


def test_a_wrong_value_is_told_even_if_something_would_follow_from_it():
    with pytest.raises(
        ConfigError, match=r"0\.yaml: kind is water, but must be one of tea, espresso"
    ):
        drink({"kind": "water"})


@pytest.mark.parametrize("key", ["minutes.long", "cup.size.large"])
def test_a_key_below_one_that_holds_a_value_is_refused(key):
    with pytest.raises(ConfigError, match=rf"0\.yaml: {key} is not a key here"):
        drink({key: 3})
