"""What people write for targets, and what it means."""

import pytest

from auralflow.datasets.targets import parse_targets
from auralflow.errors import DataError

FOUR = ("bass", "drums", "other", "vocals")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("vocals", ("vocals",)),
        ("Vocals", ("vocals",)),
        ("v", ("vocals",)),
        ("bdo", ("bass", "drums", "other")),
        ("v d", ("vocals", "drums")),
        ("vocals, drums", ("vocals", "drums")),
        ("vocals drums", ("vocals", "drums")),
        ("v,bass,V,vocals", ("vocals", "bass")),
        (["d", "vocals"], ("drums", "vocals")),
        (("vd", "b"), ("vocals", "drums", "bass")),
        ("all", FOUR),
        (["vocals", "all"], ("vocals", "bass", "drums", "other")),
    ],
)
def test_names_letters_and_all_mean_stems_in_the_order_given(text, meant):
    assert parse_targets(text, FOUR) == meant
    if "all" not in text:
        assert parse_targets(text) == meant


def test_all_means_the_stems_the_dataset_has():
    assert parse_targets("all", ("bass", "lead vocals")) == ("bass", "lead vocals")


def test_a_stem_of_the_dataset_goes_before_letters():
    assert parse_targets("bd", ("bass", "bd", "drums")) == ("bd",)


def test_names_of_stems_may_have_blanks():
    assert parse_targets("lead vocals, b", ("bass", "lead vocals")) == ("lead vocals", "bass")
    assert parse_targets("lead vocals") == ("lead vocals",)


def test_a_stem_the_dataset_lacks_is_refused_with_those_it_has():
    with pytest.raises(
        DataError, match=r"no stem vocal \(did you mean vocals\?\): choose among bass"
    ):
        parse_targets("vocal", FOUR)


def test_a_letter_for_a_stem_the_dataset_lacks_says_what_it_meant():
    with pytest.raises(
        DataError, match=r"no stem drums \(meant by bd\).*choose among bass, vocals"
    ):
        parse_targets("bd", ("bass", "vocals"))


def test_all_needs_a_dataset():
    with pytest.raises(DataError, match="give --data"):
        parse_targets("all")


@pytest.mark.parametrize("nothing", ["", " , ", []])
def test_no_target_is_an_error(nothing):
    with pytest.raises(DataError, match="names no stem"):
        parse_targets(nothing, FOUR)
