"""`auralflow models`: the list of networks, and what one is made of."""

import json
import re

import pytest

from auralflow.models import ARCHITECTURES
from auralflow.settings import all_parameters


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def level(text: str, name: str) -> list[str]:
    """The cells of a row."""
    row = next(line for line in text.splitlines() if line.startswith(f"{name} "))
    return re.split(" {2,}", row)


def fact(text: str, name: str) -> str:
    return next(
        line.removeprefix(name).strip() for line in text.splitlines() if line.startswith(name)
    )


def test_models_alone_shows_its_help(auralflow):
    outcome = auralflow("models")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == auralflow("models", "--help").out
    assert "list" in outcome.out
    assert "show" in outcome.out


@pytest.mark.parametrize("columns", [80, 200])
def test_the_list_has_every_network_with_its_names_and_what_it_is(auralflow, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    outcome = auralflow("models", "list")
    assert (outcome.code, outcome.err) == (0, "")
    assert max(map(len, outcome.out.splitlines())) <= min(columns, 100)
    words = outcome.out.split()
    for entry in ARCHITECTURES:
        assert {entry.name, *entry.aliases, *entry.summary.split()} <= set(words)


@pytest.mark.parametrize("name", ["unet", "UNetSpec", "UNETSPEC"])
def test_a_network_is_shown_by_any_of_its_names(auralflow, name):
    outcome = auralflow("models", "show", name, "--max-layers", 2, "--chunk-size", 0.5)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("UNetSpec for vocals\n")
    assert level(outcome.out, "encoder 1")[1] == "16 × 256 × 16"
    assert fact(outcome.out, "computed for") == "0.5 s of 1 channel at 44,100 Hz, 1 target"


def test_a_class_stands_for_its_own_settings(auralflow):
    text = auralflow("models", "show", "UNetVAEAudio", "--max-layers", 2, "--chunk-size", 0.1).out
    assert text.startswith("UNetVAEAudio for vocals\n")
    assert level(text, "bottleneck")


def test_any_parameter_of_network_and_data_is_a_flag(auralflow):
    text = auralflow(
        "models", "show", "unet", "--max-layers", 1, "--init-features", 4, "--no-mono", "--targets",
        "vocals,piano", "--sample-rate", 8000, "--hop-length", 256, "--chunk-size", 1,
        "--bottleneck.type", "lstm",
    ).out  # fmt: skip
    assert text.startswith("UNetRecurrentSpec for vocals, piano\n")
    # 8000 samples have 33 frames of 256, of which the level keeps 17.
    assert level(text, "encoder 1")[1] == "4 × 256 × 17"
    # Two targets in two channels.
    assert level(text, "decoder 1")[1] == "4 × 512 × 34"
    assert fact(text, "computed for") == "1 s of 2 channels at 8,000 Hz, 2 targets"
    assert fact(text, "receptive field") == "the whole input (LSTM in bottleneck)"


@pytest.mark.parametrize("flags", [["-a"], ["--targets", "all"]])
def test_all_stems_of_a_dataset_count_as_four(auralflow, flags):
    text = auralflow("models", "show", "unet", "--max-layers", 1, "--chunk-size", 0.1, *flags).out
    assert text.startswith("UNetSpec for bass, drums, other, vocals\n")


def test_json_has_the_same_for_programs(auralflow):
    flags = ["--max-layers", 1, "--chunk-size", 0.1]
    values = json.loads(auralflow("models", "show", "unet", "--json", *flags).out)
    text = auralflow("models", "show", "unet", *flags).out
    assert [part["name"] for part in values["levels"]] == ["encoder 1", "decoder 1"]
    assert level(text, "total")[1] == f"{values['parameters']:,}"
    field = values["receptive_field"]
    assert field["samples"] == field["before"] + 1 + field["after"]


def test_a_model_of_a_session_is_shown_as_it_is_configured(auralflow, tmp_path, monkeypatch):
    auralflow(
        "config", "--model", "UNetAudio", "--name", "mine", "--session", "s", "--max-layers", 2,
        "--chunk-size", 0.1, "--targets", "piano",
    )  # fmt: skip
    by_path = auralflow("models", "show", "s/mine").out
    assert by_path.startswith("UNetAudio for piano\n")
    monkeypatch.chdir(tmp_path / "s")
    assert auralflow("models", "show", "mine").out == by_path
    assert level(auralflow("models", "show", "mine", "--max-layers", 3).out, "encoder 3")


def test_what_is_neither_a_network_nor_a_model_is_refused_with_the_nearest_of_both(
    auralflow, tmp_path, monkeypatch
):
    message = auralflow.refuses("models", "show", "unnet")
    assert message.startswith(
        "unnet is neither a network nor a model folder here (did you mean unet?)"
    )
    assert "`auralflow models list`" in message
    assert "\n" not in message
    auralflow("config", "--name", "choir", "--session", "s")
    for place in (tmp_path / "s", tmp_path / "s" / "choir"):
        monkeypatch.chdir(place)
        assert "(did you mean choir?)" in auralflow.refuses("models", "show", "chior")


def test_what_is_wrong_with_the_flags_is_told_at_once(auralflow):
    message = auralflow.refuses("models", "show", "unet", "--max-layerz", 2, "--hop-length", 0)
    assert "--max-layerz is not a key of model, data or train (did you mean max-layers?)" in message
    assert "--hop-length is 0" in message
    assert "max-layers is 30" in auralflow.refuses("models", "show", "unet", "--max-layers", 30)


def test_the_help_of_show_has_every_key_of_network_and_data_and_none_of_training(auralflow):
    outcome = auralflow("models", "show", "--help")
    assert (outcome.code, outcome.err) == (0, "")
    words = set(outcome.out.replace(",", " ").split())
    for section, parameter in all_parameters():
        wanted = section != "train" and parameter.key != "base-model"
        assert (parameter.flag in words) is wanted


def test_a_misspelt_subcommand_is_answered_with_the_nearest(auralflow):
    assert (
        auralflow.refuses("models", "lits")
        == "lits is not a command of models (did you mean list?)"
    )
    assert "Missing argument 'NAME'" in auralflow.refuses("models", "show")
