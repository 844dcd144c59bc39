"""`UNet(pretrained=True)`: the network whose weights come in the package."""

from pathlib import Path

import pytest
import torch

import auralflow
from auralflow.checkpoints import build_network, write_checkpoint
from auralflow.errors import CheckpointError, ModelError
from auralflow.models import UNet
from auralflow.models import shipped as module
from tests.checkpoints.weights import small_checkpoint


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    return tmp_path / "unet-vocals.safetensors"


@torch.no_grad()
@pytest.mark.parametrize("base", ["unet", "adaptive"])
def test_it_has_the_weights_and_the_shape_of_the_file(place, base):
    checkpoint = small_checkpoint(base_model=base, mono=False)
    write_checkpoint(place, checkpoint)
    network = UNet(pretrained=True)
    wanted = build_network(checkpoint.settings, checkpoint.targets)
    wanted.load_state_dict(dict(checkpoint.state))
    assert not network.training
    assert network.targets == ("vocals",)
    assert network.signal == wanted.signal
    heard = torch.randn(1, 2, 3000)
    assert torch.equal(network(heard), wanted.eval()(heard))


def test_what_would_make_another_network_is_refused(place):
    write_checkpoint(place, small_checkpoint())
    with pytest.raises(ModelError, match="leave out max_layers, targets"):
        UNet(4, targets=["drums"], pretrained=True)


def test_a_package_without_weights_says_so(place):
    with pytest.raises(
        CheckpointError,
        match=r"came without the weights unet-vocals\.safetensors: install a release",
    ):
        UNet(pretrained=True)


def test_weights_that_do_not_fit_are_told(place):
    checkpoint = small_checkpoint()
    object.__setattr__(checkpoint, "state", {"a": torch.zeros(1)})
    write_checkpoint(place, checkpoint)
    with pytest.raises(CheckpointError, match="does not fit this version of auralflow"):
        UNet(pretrained=True)


def test_all_weights_in_the_package_have_a_card_and_load():
    folder = Path(auralflow.__file__).parent / "weights"
    assert (folder / "README.md").is_file()
    for path in folder.glob("*.safetensors"):
        assert path.with_suffix(".md").is_file(), f"{path.name} has no card"
        auralflow.load_model(path, cuda=False)
