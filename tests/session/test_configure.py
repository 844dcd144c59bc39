"""A model's configuration files: written once, commented, and read back."""

from pathlib import Path

import pytest

from auralflow.config import read_config_file
from auralflow.errors import ConfigError, OutputError, SessionError
from auralflow.session import (
    ModelFolder,
    configure,
    create_session,
    find_model,
    find_session,
    load_settings,
)

NAMES = [
    "two words",
    "声 だけ",
    "v1.2",
    "a" * 200,
    "é" * 100,
    "声\u3000だけ",
    "no",
    "12",
    "checkpoint",
    "a: b",
]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_configured_model_has_three_files_and_a_folder_for_checkpoints(tmp_path):
    folder = configure(tmp_path / "s", model="unet", name="voice")
    assert folder == tmp_path / "s" / "voice"
    assert names_in(tmp_path / "s") == ["runs", "voice"]
    assert names_in(folder) == [
        "checkpoint",
        "data_config.yaml",
        "train_config.yaml",
        "voice_config.yaml",
    ]
    assert list(read_config_file(folder / "voice_config.yaml")) == ["model"]
    assert "# Stems to estimate" in (folder / "data_config.yaml").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_model_may_have_any_plain_name(tmp_path, monkeypatch, name):
    folder = configure(tmp_path / "s", model="unet", name=name, lr=0.5)
    monkeypatch.chdir(tmp_path / "s")
    assert find_model(name).path == folder
    assert load_settings(find_model(name)).train.lr == 0.5


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", "runs", "a/b", "a\0b", "a\nb", "data", "train"]
)
def test_a_name_that_cannot_be_a_folder_is_refused_before_anything_is_made(tmp_path, name):
    with pytest.raises(
        ConfigError, match="cannot be the name of a model: give a plain folder name"
    ):
        configure(tmp_path / "s", model="unet", name=name)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("name", ["a" * 201, "é" * 101])
def test_a_name_too_long_for_the_names_of_its_files_is_refused(tmp_path, name):
    # File systems end at 255 bytes; the longest suffix and a temporary name want some of them.
    with pytest.raises(ConfigError, match=r"has 20\d bytes: give one of 200 at most"):
        configure(tmp_path / "s", model="unet", name=name)


def test_parameters_go_to_the_file_of_their_section(tmp_path):
    folder = configure(
        tmp_path / "s",
        model="UNetSpec",
        name="v",
        max_layers=3,
        mono=False,
        epochs=7,
        encoder={"leak": 0.5},
    )
    assert read_config_file(folder / "v_config.yaml")["model"]["max-layers"] == 3
    assert read_config_file(folder / "v_config.yaml")["model"]["encoder"]["leak"] == 0.5
    assert read_config_file(folder / "data_config.yaml")["data"]["mono"] is False
    assert read_config_file(folder / "train_config.yaml")["train"]["epochs"] == 7


def test_wrong_parameters_are_named_all_at_once_and_nothing_is_made(tmp_path):
    with pytest.raises(ConfigError, match=r"(?s)2 settings are wrong.*epoch .*max-layers is 0"):
        configure(tmp_path / "s", model="unet", name="v", epoch=1, max_layers=0)
    assert names_in(tmp_path) == []


def test_existing_files_stay_as_they_are_unless_force_is_given(tmp_path):
    folder = configure(tmp_path / "s", model="unet", name="v", lr=0.5)
    (folder / "checkpoint" / "v_best.pth").write_text("weights")
    (folder / "metrics.txt").write_text("mine")
    before = (folder / "train_config.yaml").read_text()
    with pytest.raises(
        SessionError, match=r"already has v_config.yaml, data_config.yaml, .*--force"
    ):
        configure(tmp_path / "s", model="unet", name="v", lr=0.25)
    assert (folder / "train_config.yaml").read_text() == before
    configure(tmp_path / "s", model="unet", name="v", lr=0.25, force=True)
    assert load_settings(ModelFolder(folder)).train.lr == 0.25
    assert (folder / "checkpoint" / "v_best.pth").read_text() == "weights"
    assert (folder / "metrics.txt").read_text() == "mine"


def test_a_json_file_counts_as_the_file_of_its_section(tmp_path):
    folder = ModelFolder(tmp_path / "s" / "v")
    folder.path.mkdir(parents=True)
    (folder.path / "train_config.json").write_text('{"train": {"lr": 0.5}}')
    assert load_settings(folder).train.lr == 0.5
    with pytest.raises(SessionError, match=r"already has train_config.json"):
        configure(tmp_path / "s", model="unet", name="v")


def test_the_session_is_by_default_the_one_around(tmp_path, monkeypatch):
    session = create_session(tmp_path / "s")
    monkeypatch.chdir(session)
    first = configure(model="unet", name="first")
    monkeypatch.chdir(first)
    second = configure(model="unet", name="second")
    assert second == session / "second"
    assert find_session() == session


def test_outside_of_a_session_the_error_says_how_to_name_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SessionError, match="--session PATH"):
        configure(model="unet", name="v")
    assert names_in(tmp_path) == []


def test_a_session_that_is_named_and_not_there_is_made(tmp_path):
    configure(tmp_path / "new" / "s", model="unet", name="v")
    assert find_session(tmp_path / "new" / "s") == tmp_path / "new" / "s"


def test_a_file_where_the_model_s_folder_would_be_is_left_alone(tmp_path):
    (create_session(tmp_path / "s") / "v").write_text("mine")
    with pytest.raises(OutputError, match="cannot be made"):
        configure(tmp_path / "s", model="unet", name="v")
    assert (tmp_path / "s" / "v").read_text() == "mine"


def test_missing_files_mean_defaults_and_flags_go_before_what_is_there(tmp_path):
    folder = ModelFolder(configure(tmp_path / "s", model="unet", name="v", lr=0.5, epochs=3))
    folder.config_file("data").unlink()
    settings = load_settings(folder, flags={"lr": 0.25})
    assert settings.data.sample_rate == 44100
    assert (settings.train.lr, settings.train.epochs) == (0.25, 3)
    assert settings.origins["lr"] == "flag"
    assert settings.origins["epochs"] == "train_config.yaml"


def test_single_files_go_before_a_loaded_folder_and_that_before_the_model_s(tmp_path):
    folder = ModelFolder(
        configure(tmp_path / "s", model="unet", name="v", lr=0.1, epochs=1, seed=1)
    )
    (tmp_path / "load").mkdir()
    (tmp_path / "load" / "train_config.yaml").write_text("train:\n  lr: 0.2\n  epochs: 2\n")
    (tmp_path / "one.yaml").write_text("lr: 0.3\n")
    train = load_settings(folder, load=tmp_path / "load", load_config=[tmp_path / "one.yaml"]).train
    assert (train.lr, train.epochs, train.seed) == (0.3, 2, 1)


def test_a_loaded_folder_must_hold_configurations(tmp_path):
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(ConfigError, match="holds no configuration: looked for"):
        load_settings(load=tmp_path)
    with pytest.raises(ConfigError, match="is not a folder"):
        load_settings(load=tmp_path / "notes.txt")
