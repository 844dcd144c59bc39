"""The models of a session side by side."""

import json

import pytest

from auralflow import configure, evaluate
from auralflow.checkpoints import load_model
from tests.evaluation.conftest import make_model


@pytest.fixture
def session(songs, model):
    """A session of a trained and measured model and of one that is configured only."""
    evaluate(model, data=songs)
    configure(model.parent, model="unet", name="plan", max_layers=3, lr=0.01)
    return model.parent


def test_what_differs_and_what_is_known_of_each(auralflow, session):
    outcome = auralflow("session", "show", session, "--json")
    assert outcome.code == 0
    shown = json.loads(outcome.out)
    net, plan = shown["models"]
    assert (net["name"], plan["name"]) == ("net", "plan")
    network = load_model(session / "net", cuda=False)
    assert net["parameters"] == sum(p.numel() for p in network.parameters())
    assert (net["epochs"], net["best_epoch"], net["valid_loss"], net["valid_sdr"]) == (
        3,
        2,
        0.25,
        4.5,
    )
    assert plan["epochs"] is None
    assert plan["parameters"] > net["parameters"]
    record = json.loads((session / "net" / "metrics.json").read_text())
    median = record["summary"]["targets"]["vocals"]["sdr"]["median"]
    assert net["medians"]["vocals SDR"] == median
    assert shown["differences"]["model.max-layers"] == ["2", "3"]
    assert shown["differences"]["train.lr"] == ["0.001", "0.01"]
    assert "model.encoder.kernel-size" not in shown["differences"]


def test_the_table_and_markdown_have_the_same_numbers(auralflow, session, monkeypatch):
    monkeypatch.chdir(session / "net")
    monkeypatch.setenv("COLUMNS", "80")
    text, markdown = (
        auralflow("session", "show").out,
        auralflow("session", "show", "--markdown").out,
    )
    assert any(line.split() == ["best", "epoch", "2", "–"] for line in text.splitlines())
    assert "| best epoch | 2 | – |" in markdown
    assert max(map(len, text.splitlines()[1:])) <= 80
    assert "--markdown and --json" in auralflow.refuses("session", "show", "--markdown", "--json")


def test_a_broken_model_is_a_line_and_the_others_are_shown(auralflow, session):
    checkpoint = make_model(session / "cut") / "checkpoint" / "cut_best.pth"
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    (session / "net" / "metrics.json").write_text("{")
    outcome = auralflow("session", "show", session)
    assert outcome.code == 1
    assert "cut_best.pth is damaged" in outcome.out
    assert "metrics.json of net cannot be read" in outcome.out
    assert any(line.split()[:2] == ["best", "epoch"] for line in outcome.out.splitlines())


def test_a_folder_without_models_is_refused(auralflow, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "empty holds no models" in auralflow.refuses("session", "show", tmp_path / "empty")
