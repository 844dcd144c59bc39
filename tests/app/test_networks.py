"""What the page offers, and when a network is read."""

import os
import shutil
from pathlib import Path

import pytest

from auralflow.app.networks import Networks, find_networks
from auralflow.errors import AuralflowError, ConfigError, SessionError
from auralflow.session.folder import ModelFolder
from tests.app.session import session_at, weights


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
    assert list(find_networks(None)) == ["band", "vocals"]


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
