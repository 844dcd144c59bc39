"""What the page offers, and when a network is read."""

import os
import shutil
from pathlib import Path

import pytest

from auralflow.app.networks import Networks, find_networks
from auralflow.checkpoints import write_checkpoint
from auralflow.errors import AuralflowError, ConfigError, SessionError
from auralflow.pretrained import PRETRAINED, cached_path
from auralflow.session.folder import ModelFolder
from tests.app.session import session_at, weights
from tests.checkpoints.weights import small_checkpoint


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return session_at(tmp_path / "study", {"band": ("drums", "bass"), "vocals": ("vocals",)})


def test_a_session_offers_its_trained_models_by_name(session):
    (session / "untrained" / "checkpoint").mkdir(parents=True)
    assert find_networks(session) == {"band": session / "band", "vocals": session / "vocals"}


def test_a_models_folder_and_a_checkpoint_offer_one_network(session):
    file = session / "band" / "checkpoint" / "band_best.pth"
    assert find_networks(session / "band") == {"band": session / "band"}
    assert find_networks(file) == {"band_best": file}


def test_without_a_source_it_is_the_session_at_the_current_folder(session, monkeypatch):
    monkeypatch.chdir(session / "band")
    assert list(find_networks(None))[:2] == ["band", "vocals"]


def test_without_a_source_all_listed_weights_are_offered_and_labelled(
    session, monkeypatch, tmp_path
):
    monkeypatch.setenv("AURALFLOW_CACHE", str(tmp_path / "cache"))
    listed = {entry.name for entry in PRETRAINED if not entry.is_member}
    monkeypatch.chdir(tmp_path)
    assert find_networks(None).keys() == listed
    weights(ModelFolder(session / "umxl"))  # of one's own, which goes before
    monkeypatch.chdir(session)
    sources = find_networks(None)
    assert sources["umxl"] == session / "umxl"
    assert sources.keys() == listed | {"band", "vocals"}
    networks = Networks(sources)
    assert networks.label("band") == "band"
    assert networks.label("umxl") == "umxl"
    assert networks.label("spleeter-2stems") == "spleeter-2stems (fetched when first used, 89 MB)"
    write_checkpoint(cached_path("spleeter-2stems"), small_checkpoint(targets=("vocals", "other")))
    assert networks.label("spleeter-2stems") == "spleeter-2stems"
    assert networks.load("spleeter-2stems").targets == ("vocals", "other")


def test_pretrained_weights_and_networks_that_answer_together_are_one(session, monkeypatch):
    monkeypatch.chdir(session.parent)
    assert find_networks(Path("htdemucs_ft")) == {"htdemucs_ft": "htdemucs_ft"}
    bag = session / "both.yaml"
    bag.write_text("- model: band\n- model: vocals\n")
    networks = Networks(find_networks(bag))
    both = networks.load("both")
    assert both.targets == ("drums", "bass", "vocals")
    assert networks.load("both") is both
    bag.write_text("- model: band\n  weights: {bass: 1}\n- model: vocals\n")
    assert networks.load("both").targets == ("bass", "vocals")


@pytest.mark.parametrize("name", ["study/nothing", "study/nothing.pth", "nothing"])
def test_what_is_not_there_is_told(session, monkeypatch, name):
    monkeypatch.chdir(session.parent)
    with pytest.raises(AuralflowError, match="nothing"):
        find_networks(Path(name))


def test_a_session_without_a_trained_model_says_how_to_get_one(session):
    shutil.rmtree(session / "band" / "checkpoint")
    shutil.rmtree(session / "vocals")
    (session / "band" / "checkpoint").mkdir()
    with pytest.raises(SessionError, match=r"no trained model \(band\): train one with"):
        find_networks(session)


def test_a_network_is_read_once_and_again_when_its_weights_change(session):
    networks = Networks(find_networks(session))
    first = networks.load("vocals")
    assert networks.load("vocals") is first
    file = weights(ModelFolder(session / "vocals"), ("other",))
    os.utime(file, ns=(1, 1))
    assert networks.load("vocals").targets == ("other",)
    assert networks.load("band").targets == ("drums", "bass")


def test_a_network_that_is_not_offered_is_refused(session):
    networks = Networks(find_networks(session))
    with pytest.raises(ConfigError, match=r"\.\./secret is not a network of this page: choose band or vocals"):  # fmt: skip
        networks.load("../secret")
