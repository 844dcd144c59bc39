"""Commands, flags, exit codes and messages."""

import runpy
import sys
from pathlib import Path

import pytest

import auralflow.session
from auralflow.config import read_config_file
from auralflow.errors import SessionError

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def raising(monkeypatch, error: BaseException) -> None:
    """Let `auralflow create` fail with an error."""

    def fail(path):
        raise error

    monkeypatch.setattr(auralflow.session, "create_session", fail)


def data_of(name: str = "v") -> dict[str, object]:
    data: dict[str, object] = read_config_file(Path("s") / name / "data_config.yaml")["data"]
    return data


def test_a_command_that_went_well_ends_with_0(auralflow):
    outcome = auralflow("create", "s")
    assert (outcome.code, outcome.err) == (0, "")
    assert Path("s/runs").is_dir()
    assert "Next: auralflow config" in outcome.out


def test_create_saves_where_it_is_told(auralflow, tmp_path):
    auralflow("create", "s", "--save", tmp_path / "other place")
    assert (tmp_path / "other place" / "runs").is_dir()
    assert not Path("s").exists()


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            SessionError("s is a file: choose another name"),
            2,
            "Error: s is a file: choose another name\n",
        ),
        (KeyboardInterrupt(), 130, "Stopped.\n"),
        (
            OSError(28, "No space left on device"),
            2,
            "Error: the disk is full (while writing): free space",
        ),
        (
            PermissionError(13, "Permission denied", "x"),
            2,
            "Permission denied: 'x': look at the path",
        ),
        (
            ZeroDivisionError("oops"),
            2,
            "Error: ZeroDivisionError: oops (not foreseen: run again with --debug",
        ),
    ],
)
def test_every_failure_is_one_sentence_and_an_exit_code(
    auralflow, monkeypatch, error, code, message
):
    raising(monkeypatch, error)
    outcome = auralflow("create", "s")
    assert (outcome.code, outcome.out) == (code, "")
    assert message in outcome.err
    assert "\n" not in outcome.err.strip()


@pytest.mark.parametrize("place", [0, 1, 2])
def test_debug_anywhere_shows_where_an_error_comes_from(auralflow, monkeypatch, place):
    raising(monkeypatch, SessionError("no"))
    words = ["create", "s"]
    words.insert(place, "--debug")
    with pytest.raises(SessionError, match="no"):
        auralflow(*words)


def test_a_misspelt_command_is_answered_with_the_nearest(auralflow):
    assert auralflow.refuses("trian") == "trian is not a command (did you mean train?)"
    assert auralflow.refuses("xyzzy") == "xyzzy is not a command: auralflow --help lists them"


def test_a_misspelt_option_is_answered_with_the_nearest(auralflow):
    assert (
        auralflow.refuses("train", "--dta", "x") == "--dta is not an option (did you mean --data?)"
    )
    assert "--resme is not an option (did you mean --resume?)" in auralflow.refuses(
        "train", "v", "--data", "x", "--resme"
    )


def test_all_that_is_wrong_with_the_flags_is_told_at_once(auralflow):
    text = auralflow.refuses(
        "config",
        "--name",
        "v",
        "--session",
        "s",
        "--lrr",
        3,
        "--monno",
        "--no-mask",
        "--epochs=many",
        "--split",
        2,
    )
    assert text.startswith("5 settings are wrong:")
    for part in (
        "--lrr is not a key of model, data or train (did you mean lr?)",
        "--monno is not a key of model, data or train (did you mean mono?)",
        "--no-mask is not a key",
        "--epochs is many, but must be a whole number",
        "--split is 2, but must be less than or equal to 0.9",
    ):
        assert part in text
    assert not Path("s").exists()


def test_a_missing_argument_is_said(auralflow):
    assert "Missing option '--data'" in auralflow.refuses("train", "v")
    assert "Missing argument 'SESSION'" in auralflow.refuses("create")
    assert "add --name NAME" in auralflow.refuses("config", "--session", "s")


@pytest.mark.parametrize("base", ["--model", "--base", "--base-model"])
def test_config_writes_what_its_flags_say(auralflow, base):
    outcome = auralflow(
        "config", base, "UNET", "--name", "v", "--session", "s", "--no-mono", "--encoder.kernel-size", 3,
        "--lr=0.5", "--checkpoint", "12", "--valid-tracks", "[12, 'a: b']",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert read_config_file(Path("s/v/v_config.yaml"))["model"]["encoder"]["kernel-size"] == 3
    train = read_config_file(Path("s/v/train_config.yaml"))["train"]
    assert (train["lr"], train["checkpoint"]) == (0.5, "12")
    assert data_of()["mono"] is False
    assert data_of()["valid-tracks"] == ["12", "a: b"]


@pytest.mark.parametrize(
    ("flags", "targets"),
    [
        ([], ["vocals"]),
        (["-b", "-d"], ["bass", "drums"]),
        (["-bd"], ["bass", "drums"]),
        (["-vo"], ["other", "vocals"]),
        (["-a"], ["all"]),
        (["--all"], ["all"]),
        (["-all"], ["all"]),
        (["-b", "-all"], ["all"]),
        (["--targets", "piano"], ["piano"]),
        (["--targets", "piano,choir"], ["piano", "choir"]),
        (["--targets", "[piano, no]"], ["piano", "no"]),
        (["--targets", "piano", "-b"], ["piano", "bass"]),
    ],
)
def test_targets_are_named_by_letters_by_names_or_all(auralflow, flags, targets):
    assert auralflow("config", "--name", "v", "--session", "s", *flags).code == 0
    assert data_of()["targets"] == targets


def test_config_tells_what_is_in_force_and_where_it_comes_from(auralflow):
    auralflow("config", "--name", "v", "--session", "s", "--lr", 0.5)
    Path("s/v/data_config.yaml").unlink()
    outcome = auralflow("config", "--show", "--name", "v", "--session", "s", "--epochs", 3)
    assert outcome.code == 0
    origins = {
        line.split(":")[0].strip(): (line.split("#")[0].split(":")[1].strip(), line.split("# ")[1])
        for line in outcome.out.splitlines()
        if "#" in line
    }
    assert origins["lr"] == ("0.5", "train_config.yaml")
    assert origins["epochs"] == ("3", "flag")
    assert origins["sample-rate"] == ("44100", "default")
    assert origins["encoder.kernel-size"] == ("5", "v_config.yaml")


def test_config_shows_defaults_without_any_session_and_writes_nothing(auralflow, tmp_path):
    outcome = auralflow("config", "--show", "--lr", 3)
    assert "lr: 3.0" in outcome.out
    assert "# flag" in outcome.out
    assert list(tmp_path.iterdir()) == []


def test_the_script_trainer_is_the_command_train(capsys, monkeypatch):
    outputs = []
    for program, words in (("trainer.py", []), ("src/auralflow/__main__.py", ["train"])):
        monkeypatch.setattr(sys, "argv", [program, *words, "--help"])
        with pytest.raises(SystemExit) as left:
            runpy.run_path(str(ROOT / program), run_name="__main__")
        assert left.value.code == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    assert outputs[0].startswith("Usage: auralflow train")
