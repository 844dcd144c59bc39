"""The session folder: where things are, and that nothing in it is lost."""

from pathlib import Path

import pytest

from auralflow.errors import OutputError, SessionError
from auralflow.session import ModelFolder, create_session, find_model, find_session

NAMES = [
    "vocals",
    "two words",
    "声 だけ",
    "-dash",
    ".hidden",
    "v1.2",
    "a" * 200,
    "checkpoint",
    "é" * 100,
]


def make_model(session: Path, name: str) -> ModelFolder:
    folder = ModelFolder(session / name)
    folder.checkpoint.mkdir(parents=True)
    return folder


def test_a_model_folder_is_laid_out_as_the_documentation_draws_it(tmp_path):
    folder = ModelFolder(tmp_path / "session" / "voice")
    assert folder.name == "voice"
    assert folder.session == tmp_path / "session"
    assert folder.config_file("model") == folder.path / "voice_config.yaml"
    assert folder.config_file("data") == folder.path / "data_config.yaml"
    assert folder.config_file("train") == folder.path / "train_config.yaml"
    assert folder.checkpoint == folder.path / "checkpoint"
    assert folder.runs == folder.session / "runs" / "voice"


def test_a_new_session_holds_runs_and_nothing_else(tmp_path):
    made = create_session(tmp_path / "a" / "my session")
    assert made == tmp_path / "a" / "my session"
    assert [path.name for path in made.iterdir()] == ["runs"]
    assert find_session(made) == made


def test_a_session_made_twice_keeps_all_that_is_in_it(tmp_path):
    create_session(tmp_path / "s")
    (tmp_path / "s" / "notes.txt").write_text("mine")
    (tmp_path / "s" / "runs" / "log").write_text("log")
    create_session(tmp_path / "s")
    assert (tmp_path / "s" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "s" / "runs" / "log").read_text() == "log"


def test_a_relative_path_becomes_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert create_session("s") == tmp_path / "s"


def test_a_home_directory_sign_is_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert create_session("~/s") == tmp_path / "s"


def test_a_file_in_the_session_s_place_is_left_alone(tmp_path):
    (tmp_path / "s").write_text("mine")
    with pytest.raises(SessionError, match="s is a file: choose another name"):
        create_session(tmp_path / "s")
    assert (tmp_path / "s").read_text() == "mine"


def test_a_session_that_cannot_be_made_says_why(tmp_path):
    # A file as parent refuses even root, whom permissions do not stop.
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"s/runs cannot be made \(Not a directory\)"):
        create_session(tmp_path / "file" / "s")


def test_the_session_is_the_current_folder_or_its_parent(tmp_path, monkeypatch):
    session = create_session(tmp_path / "s")
    model = make_model(session, "voice")
    for inside in (session, model.path, session / "runs"):
        monkeypatch.chdir(inside)
        assert find_session() == session


def test_a_folder_with_a_model_is_a_session_even_without_runs(tmp_path):
    make_model(tmp_path / "s", "voice")
    assert find_session(tmp_path / "s") == tmp_path / "s"


def test_outside_of_a_session_the_error_names_the_ways_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SessionError, match=r"auralflow create NAME.*--session PATH"):
        find_session()


@pytest.mark.parametrize("name", NAMES)
def test_a_model_is_found_by_name_by_path_and_from_inside(tmp_path, monkeypatch, name):
    session = create_session(tmp_path / "s")
    model = make_model(session, name)
    monkeypatch.chdir(session)
    assert find_model(name) == model
    assert find_model(str(model.path)) == model
    monkeypatch.chdir(tmp_path)
    assert find_model(f"s/{name}") == model
    assert find_model(name, session=session) == model
    monkeypatch.chdir(model.path)
    assert find_model(name) == model
    assert find_model(".") == model


def test_a_configuration_in_yaml_or_json_makes_a_model_folder(tmp_path):
    for file in ("voice_config.yaml", "data_config.yml", "train_config.json"):
        folder = tmp_path / file.split(".")[0] / "voice"
        folder.mkdir(parents=True)
        (folder / file).write_text("")
        assert find_model(folder).path == folder


def test_a_model_that_is_not_there_is_answered_with_those_that_are(tmp_path, monkeypatch):
    session = create_session(tmp_path)
    make_model(session, "bass one")
    make_model(session, "voice")
    monkeypatch.chdir(session)
    with pytest.raises(
        SessionError, match=r"drums is no model folder .*found here: bass one, voice"
    ):
        find_model("drums")


@pytest.mark.parametrize("name", ["runs", "notes", "nowhere", "..", ""])
def test_what_is_no_model_is_not_taken_for_one(tmp_path, monkeypatch, name):
    session = create_session(tmp_path / "s")
    (session / "notes").mkdir()
    monkeypatch.chdir(session)
    with pytest.raises(SessionError, match="no models were found here"):
        find_model(name)
