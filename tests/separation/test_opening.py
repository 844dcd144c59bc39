"""Names and descriptions to networks."""

import pytest

from auralflow.errors import ConfigError, ModelError
from auralflow.separation import Bag, load_bag, open_networks
from tests.separation.networks import Gains

KNOWN = {"large": {"vocals": 1.0}, "four": {"vocals": 0.5, "drums": 0.25, "bass": 0.125}}


@pytest.fixture(autouse=True)
def loaded(monkeypatch) -> list[str]:
    """Lets names, and files called so, mean networks; lists what was loaded."""
    asked: list[str] = []

    def load_model(name, *, cuda, progress):
        asked.append(str(name))
        return Gains(KNOWN[str(name).rsplit("/", 1)[-1]])

    monkeypatch.setattr("auralflow.separation.opening.load_model", load_model)
    return asked


def described(folder, text: str):
    (folder / "bag.yaml").write_text(text)
    return folder / "bag.yaml"


def test_a_bag_is_read_from_the_list_that_its_page_shows(tmp_path):
    path = described(
        tmp_path,
        "- model: large          # the best for vocals\n  weights: {vocals: 3}\n"
        "- model: four\n  weights: {vocals: 1, drums: 1}\n",
    )
    bag = load_bag(path)
    assert bag.targets == ("vocals", "drums")
    assert bag.weights_of("vocals") == (0.75, 0.25)
    assert bag.weights_of("drums") == (0, 1)


def test_without_weights_each_counts_for_what_it_has(tmp_path):
    bag = load_bag(described(tmp_path, "- model: large\n- {model: four}\n"))
    assert bag.targets == ("vocals", "drums", "bass")
    assert bag.weights_of("vocals") == (0.5, 0.5)


def test_a_model_beside_the_file_goes_before_a_name(tmp_path, loaded):
    (tmp_path / "four").mkdir()
    load_bag(described(tmp_path, "- model: large\n- model: four\n"))
    assert loaded == ["large", str(tmp_path / "four")]


def test_one_name_is_a_network_and_several_or_a_description_are_a_bag(tmp_path):
    assert isinstance(open_networks("large"), Gains)
    two = open_networks("large", "four")
    assert isinstance(two, Bag)
    assert len(two.members) == 2
    path = described(tmp_path, "- model: large\n- model: four\n")
    both = open_networks(path, "four")
    assert isinstance(both, Bag)
    assert both.weights_of("vocals") == pytest.approx((1 / 3, 1 / 3, 1 / 3))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds nothing, not a list: write entries that begin with `- `"),
        ("[]", "holds nothing, not a list"),
        ("model: large", "holds keys with values, not a list"),
        ("- large", "entry 1 is 'large': write `model: NAME`"),
        ("- model: four\n- weihgts: {}", r"entry 2 has a key weihgts \(did you mean weights\?\)"),
        ("- weights: {vocals: 1}", "entry 1 has None as its model"),
        ("- model: four\n  weights: [1]", r"has \[1\] as its weights: write numbers by target"),
        ("- model: four\n  weights: {vocals: loud}", "as its weights: write numbers by target"),
        ("- model: [", "line 1: .*: correct the YAML there"),
    ],
)
def test_a_description_that_is_none_is_told(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        load_bag(described(tmp_path, text))


def test_a_target_that_a_network_does_not_have_is_told(tmp_path):
    with pytest.raises(ModelError, match="network 1 of the bag has no target drums"):
        load_bag(described(tmp_path, "- model: large\n  weights: {drums: 1}\n"))
