"""The list of weights holds what a person and the commands need to know, and nothing that is made up."""

import re

import pytest

from auralflow.config import Layer
from auralflow.errors import ConfigError
from auralflow.models.catalogue import find_architecture
from auralflow.pretrained import PRETRAINED, cached_path, find_pretrained
from auralflow.settings import read_settings

SINGLES = [entry for entry in PRETRAINED if not entry.members]


def test_names_are_given_once_and_are_no_words_of_the_network_s():
    names = [entry.name for entry in PRETRAINED]
    assert len(set(names)) == len(names)
    files = [file.name for entry in SINGLES for file in entry.files]
    assert len(set(files)) == len(files)


@pytest.mark.parametrize("entry", PRETRAINED, ids=lambda entry: entry.name)
def test_an_entry_says_where_weights_are_from_and_under_which_licence(entry):
    assert find_architecture(entry.architecture).name == entry.architecture
    assert entry.what
    assert entry.source
    assert entry.licence
    assert entry.trained_on
    assert entry.targets
    assert [bool(entry.files), bool(entry.members), entry.is_shipped].count(True) == 1
    for file in entry.files:
        assert file.url.startswith(("https://", "pypi:"))
        assert re.fullmatch("[0-9a-f]{64}|[0-9a-f]{8}|", file.sha256)
        # Names end with the first digits of the hash, where the authors do it so.
        if found := re.search(r"-([0-9a-f]{8})\.(th|pth)$", file.name):
            assert file.sha256.startswith(found[1])


@pytest.mark.parametrize("entry", SINGLES, ids=lambda entry: entry.name)
def test_what_an_entry_says_of_its_network_can_be_configured(entry):
    settings = read_settings([Layer(entry.name, dict(entry.settings))])
    if entry.settings:
        assert settings.model.network == entry.architecture


def test_members_of_a_bag_are_in_the_list_and_somebody_counts_for_every_target():
    for entry in PRETRAINED:
        for name, weights in entry.members:
            assert find_pretrained(name).is_member
            assert set(weights) == set(entry.targets)
        if entry.members:
            assert all(any(w[target] for _, w in entry.members) for target in entry.targets)


def test_a_name_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(ConfigError, match=r"htdemux is no name .*\(did you mean htdemucs\?\)"):
        find_pretrained("htdemux")
    with pytest.raises(
        ConfigError, match=r"\(known: unet-vocals, spleeter-2stems, umxhq, .*mdx_extra\)"
    ):
        find_pretrained("zzzzzzzz")


def test_weights_lie_in_the_folder_that_the_environment_names(monkeypatch, tmp_path):
    monkeypatch.setenv("AURALFLOW_CACHE", str(tmp_path))
    assert cached_path("umxl") == tmp_path / "weights" / "umxl.safetensors"
