"""Configuration files: what is written is read back, and what cannot be read says where and why."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralflow.config import Layer, read_config_file, resolve, to_yaml
from auralflow.config.files import parse_value, plain, show_value
from auralflow.errors import ConfigError
from tests.config.sections import Oven, Recipe

AWKWARD = [
    "12", "a: b", "no", "off", "on", "y", "null", "~", "", "true", "True", "é", "歌 で", "a,b", "1e-3", " x", "x ",
    "- a", "?", "a\nb", "a\tb", "0x1F", "012", "1_000", "2001-01-01", ".inf", "a #b", "---", "[a]", "a'b", 'a"b',
    "C:\\x", "1:30", "<<", "=", "@x", "%x", "\u2028", "\x07", "null-and-void", "truely",
]  # fmt: skip


def written(tmp_path, text: str, name: str = "my_config.yaml"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


def complaint(path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_config_file(path)
    return str(caught.value)


def test_a_section_written_as_yaml_is_read_back_the_same(tmp_path):
    recipe = Recipe(
        flour_grams=1e-10,
        crust="thick",
        toppings=tuple(AWKWARD),
        title="Käse: ja",
        oven=Oven(fan=True),
    )
    values = read_config_file(written(tmp_path, to_yaml("recipe", recipe)))
    assert resolve(Recipe, [Layer("", values["recipe"])]).value == recipe


def test_a_section_written_as_json_is_the_section_written_as_yaml(tmp_path):
    recipe = Recipe(toppings=tuple(AWKWARD), title="12")
    as_yaml = written(tmp_path, to_yaml("recipe", recipe))
    as_json = written(tmp_path, json.dumps({"recipe": plain(recipe)}), "my_config.json")
    assert read_config_file(as_json) == read_config_file(as_yaml)


@pytest.mark.parametrize("text", AWKWARD)
def test_a_text_that_looks_like_something_else_stays_that_text(text):
    assert parse_value(show_value(text), "") == text


@given(st.text())
def test_any_text_survives_being_written_and_read(text):
    assert parse_value(show_value([text]), "") == [text]


@given(st.floats(allow_nan=False))
def test_any_number_survives_being_written_and_read(number):
    back = parse_value(show_value(number), "")
    assert (back, type(back)) == (number, float)


def test_every_key_is_written_below_its_description_and_its_options():
    lines = to_yaml("recipe", Recipe(), "A card.").splitlines()
    assert lines[:2] == ["# A card.", "recipe:"]
    at = lines.index("  crust: thin")
    assert lines[at - 1] == "  # How the crust is to be. Options: thin, thick."
    at = lines.index("    heat: 220")
    assert lines[at - 1] == "    # Degrees."
    assert lines[lines.index("  oven:") + 1] == "    # Degrees."


@pytest.mark.parametrize("name", ["my.yaml", "my.yml", "my.json"])
@pytest.mark.parametrize("text", ["", "\n  \n"])
def test_an_empty_file_is_an_empty_mapping(tmp_path, name, text):
    assert read_config_file(written(tmp_path, text, name)) == {}


def test_a_file_of_comments_is_an_empty_mapping(tmp_path):
    assert read_config_file(written(tmp_path, "# lr: 3\n")) == {}


@pytest.mark.parametrize(("name", "text"), [("a.yaml", "lr: 1\n"), ("a.json", '{"lr": 1}')])
def test_the_byte_order_mark_of_windows_editors_is_no_part_of_the_first_key(tmp_path, name, text):
    assert read_config_file(written(tmp_path, "\ufeff" + text, name)) == {"lr": 1}


def test_no_and_off_are_words():
    # YAML 1.2; in 1.1 they would be false.
    assert [parse_value(word, "") for word in ("no", "off", "on", "yes")] == [
        "no",
        "off",
        "on",
        "yes",
    ]


@pytest.mark.parametrize(
    ("name", "text", "parts"),
    [
        ("a.yaml", "lr: 1\nlr: 2\n", ["line 2", "duplicate key"]),
        ("a.json", '{"lr": 1, "lr": 2}', ["lr twice", "keep one"]),
        ("a.json", '{"lr": 1,\n}', ["line 2", "correct the JSON"]),
        ("a.yaml", "data:\n\tmono: true\n", ["line 2", "\\t"]),
        ("a.yaml", "a: [1, 2\n", ["line 2", "correct the YAML"]),
        ("a.yaml", "- lr\n", ["holds a list", "lr: 0.001"]),
        ("a.yaml", "hello\n", ["holds a line of text"]),
        ("a.json", "3", ["holds the value 3"]),
        ("a.yaml", "a: 1\n---\nb: 2\n", ["line 2", "another document"]),
        ("a.yaml", "a: !!python/object/apply:os.getcwd []\n", ["line 1", "python/object"]),
        ("a.yaml", "a: \x07\n", ["not valid YAML"]),
    ],
)
def test_a_file_that_cannot_be_understood_is_named_with_line_and_remedy(
    tmp_path, name, text, parts
):
    path = written(tmp_path, text, name)
    message = complaint(path)
    assert message.startswith(str(path))
    assert "\n" not in message
    for part in parts:
        assert part in message


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes("title: Käse".encode("latin-1"))
    # "title: K" is eight bytes long.
    assert "a.yaml cannot be read (byte 9 is no UTF-8): save it as UTF-8" in complaint(path)


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    assert "no.yaml cannot be read (No such file or directory)" in complaint(tmp_path / "no.yaml")
    assert f"{tmp_path} cannot be read (Is a directory)" in complaint(tmp_path)
