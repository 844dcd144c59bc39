"""`auralflow push` and `pull`, with a stand-in for the Hub."""

import json
import pickle
from pathlib import Path

import pytest
import torch
from ruamel.yaml import YAML

from auralflow import load_model, pull, push
from auralflow.checkpoints import read_checkpoint, write_checkpoint
from auralflow.errors import CheckpointError, ConfigError, DownloadError, MissingExtraError
from auralflow.hub.card import model_card
from tests.checkpoints.weights import small_checkpoint
from tests.hub.stand_in import standing_in


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    with standing_in() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        monkeypatch.setenv("HF_TOKEN", running.token)
        yield running


@pytest.fixture
def model(stand_in, tmp_path):
    """A model's folder with what evaluation found."""
    write_checkpoint(tmp_path / "mine/checkpoint/mine_best.pth", small_checkpoint(mono=False))
    scores = {
        "metrics": {"sdr": {"label": "SDR", "unit": "dB"}},
        "summary": {"tracks": 7, "targets": {"vocals": {"sdr": {"median": 5.251}}}},
        "notes": ["3 of these tracks chose the best epoch."],
        "tracks": [{"name": "A song of ours"}],
    }
    (tmp_path / "mine/metrics.json").write_text(json.dumps(scores))
    return tmp_path / "mine"


@torch.no_grad()
def test_a_model_goes_there_and_comes_back_as_a_model(auralflow, stand_in, model):
    pushed = auralflow("push", "mine", "me/my-vocals", "--licence", "cc-by-4.0")
    assert pushed.code == 0, pushed.err
    assert pushed.out.strip().endswith("me/my-vocals")
    assert set(stand_in.files) == {"me/my-vocals/README.md", "me/my-vocals/model.safetensors"}
    assert stand_in.private is False
    pulled = auralflow("pull", "me/my-vocals")
    assert pulled.code == 0, pulled.err
    assert "auralflow separate my-vocals" in pulled.out
    heard = torch.randn(1, 2, 2000)
    ours, theirs = (load_model(name, cuda=False) for name in ("mine", "my-vocals"))
    assert torch.equal(ours(heard), theirs(heard))
    assert Path("my-vocals/my-vocals_config.yaml").is_file()


def test_the_card_says_what_it_does_what_it_scores_and_how_to_use_it(stand_in, model):
    push("mine", "me/my-vocals", licence="CC-BY-4.0", private=True)
    card = stand_in.files["me/my-vocals/README.md"].decode()
    front = YAML(typ="safe").load(card.split("---")[1])
    assert front["license"] == "cc-by-4.0"
    assert front["library_name"] == "auralflow"
    assert "Takes vocals out of a song." in card
    assert "UNetSpec, for stereo at 8,000 Hz" in card
    assert "| vocals | SDR | 5.25 dB |" in card
    assert "Scores on 7 songs" in card
    assert "3 of these tracks chose the best epoch." in card
    assert "auralflow pull me/my-vocals" in card
    assert "max-layers: 2" in card
    assert stand_in.private is True


def test_names_of_songs_stay_here(stand_in, model):
    assert b"\xe6\xad\x8c" in (model / "checkpoint/mine_best.pth").read_bytes()
    push("mine", "me/my-vocals")
    for content in stand_in.files.values():
        assert "歌" not in content.decode("utf-8", "replace")
        assert b"A song of ours" not in content


def test_a_card_of_weights_of_others_has_their_licence():
    checkpoint = small_checkpoint()
    origin = {"source": "Somebody, 2019", "licence": "CC BY-NC 4.0: ask", "trained-on": "songs"}
    object.__setattr__(checkpoint, "origin", origin)
    card = model_card(checkpoint, repository="me/it")
    front = YAML(typ="safe").load(card.split("---")[1])
    assert (front["license"], front["license_name"]) == ("other", "CC BY-NC 4.0: ask")
    assert "- Weights by: Somebody, 2019" in card
    assert "None is stated" in model_card(small_checkpoint(), repository="me/it")
    assert "license" not in YAML(typ="safe").load(
        model_card(small_checkpoint(), repository="me/it").split("---")[1]
    )


def test_a_model_that_is_there_is_not_replaced_without_being_told(auralflow, stand_in, model):
    push("mine", "me/mine")
    assert "holds a model already" in auralflow.refuses("pull", "me/mine")
    assert auralflow("pull", "me/mine", "--force").code == 0
    assert pull("me/mine", save="other") == Path.cwd() / "other"
    assert read_checkpoint(Path("other/checkpoint/other_best.pth")).targets == ("vocals",)


def test_a_repository_that_is_not_there_or_not_a_model_is_told(stand_in):
    with pytest.raises(DownloadError, match="there is no such repository, or it is not yours"):
        pull("me/nothing")
    with pytest.raises(ConfigError, match="nothing is no repository: give OWNER/NAME"):
        pull("nothing")
    # What pretends to be weights is read by a format that has no code.
    stand_in.files["me/evil/model.safetensors"] = pickle.dumps(print)
    with pytest.raises(CheckpointError, match="is damaged or no safetensors file"):
        pull("me/evil")
    assert not Path("evil").exists()


def test_a_wrong_token_is_told_with_how_to_log_in(stand_in, model, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(DownloadError, match=r"the Hub answers 401.*set HF_TOKEN, or log in with"):
        push("mine", "me/mine")


def test_without_a_network_it_says_so(stand_in, model, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    # The client tries again, with pauses.
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(DownloadError, match="connect to the network, or look at HF_ENDPOINT"):
        pull("me/elsewhere")
    with pytest.raises(DownloadError, match="connect to the network, or look at HF_ENDPOINT"):
        push("mine", "me/mine")


def test_without_the_client_the_extra_is_named(stand_in, model, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    for call in (lambda: pull("me/mine", save="x"), lambda: push("mine", "me/mine")):
        with pytest.raises(MissingExtraError, match=r'pip install "auralflow\[hub\]"'):
            call()
