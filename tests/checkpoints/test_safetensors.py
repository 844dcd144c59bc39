"""Checkpoints in the safetensors format: the same weights, with the configuration inside and nothing that could run."""

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from auralflow.checkpoints import load_model, read_checkpoint, write_checkpoint
from auralflow.errors import CheckpointError
from tests.checkpoints.weights import small_checkpoint


def complaint(path) -> str:
    with pytest.raises(CheckpointError) as caught:
        load_model(path, cuda=False)
    assert str(path) in str(caught.value)
    return str(caught.value)


@torch.no_grad()
def test_a_network_answers_as_from_the_other_format(tmp_path):
    checkpoint = small_checkpoint(targets=("vocals", "bass"), training={"loops": {"epoch": 2}})
    for name in ("a.pth", "a b/声.safetensors"):
        write_checkpoint(tmp_path / name, checkpoint)
    one, other = (read_checkpoint(tmp_path / name) for name in ("a.pth", "a b/声.safetensors"))
    assert other.settings.as_plain() == one.settings.as_plain()
    assert (other.targets, other.progress, other.training) == (one.targets, one.progress, None)
    heard = torch.randn(1, 1, 3000)
    networks = [load_model(tmp_path / name, cuda=False) for name in ("a.pth", "a b/声.safetensors")]
    assert torch.equal(networks[0](heard), networks[1](heard))
    assert [path.name for path in (tmp_path / "a b").iterdir()] == ["声.safetensors"]


def test_other_programs_find_tensors_and_a_configuration(tmp_path):
    checkpoint = small_checkpoint()
    write_checkpoint(tmp_path / "a.safetensors", checkpoint)
    with safe_open(tmp_path / "a.safetensors", framework="pt") as file:
        names, about = set(file.keys()), json.loads(file.metadata()["auralflow"])
    assert names == set(checkpoint.state)
    assert about["config"]["model"]["base-model"] == "unet"
    assert about["targets"] == ["vocals"]


def test_where_weights_are_from_stays_with_them(tmp_path):
    checkpoint = small_checkpoint()
    object.__setattr__(checkpoint, "origin", {"name": "umxl", "licence": "CC BY-NC-SA 4.0"})
    for name in ("a.pth", "a.safetensors"):
        write_checkpoint(tmp_path / name, checkpoint)
        assert read_checkpoint(tmp_path / name).origin == checkpoint.origin


@pytest.mark.parametrize("content", [b"", b"text", b"\xff" * 100, bytes(64)])
def test_a_damaged_file_is_told(tmp_path, content):
    (tmp_path / "a.safetensors").write_bytes(content)
    assert "is damaged or no safetensors file" in complaint(tmp_path / "a.safetensors")


def test_a_file_that_breaks_off_is_told(tmp_path):
    path = tmp_path / "a.safetensors"
    write_checkpoint(path, small_checkpoint())
    path.write_bytes(path.read_bytes()[:-10])
    assert "is damaged or no safetensors file" in complaint(path)


def test_a_missing_file_is_told(tmp_path):
    assert "is not there: give a .pth or .safetensors file" in complaint(tmp_path / "a.safetensors")


def test_a_file_of_another_program_is_told(tmp_path):
    save_file({"a": torch.zeros(1)}, tmp_path / "a.safetensors")
    assert "was not written by auralflow" in complaint(tmp_path / "a.safetensors")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"format": 2, "auralflow": "9.1"},
            "has format 2 of auralflow 9.1, .*: install that version",
        ),
        (
            {"config": {"model": {"wings": 2}}, "auralflow": "0.0.1"},
            "was written by auralflow 0.0.1 and does not fit version .*wings.*: install that version",
        ),
    ],
)
def test_a_file_of_another_version_says_what_to_do(tmp_path, changes, message):
    path = tmp_path / "a.safetensors"
    write_checkpoint(path, small_checkpoint())
    with safe_open(path, framework="pt") as file:
        about = json.loads(file.metadata()["auralflow"]) | changes
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    save_file(tensors, path, metadata={"auralflow": json.dumps(about)})
    with pytest.raises(CheckpointError, match=message):
        load_model(path, cuda=False)
