"""Names to the network that separates, or to the several that do so together."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from auralflow.checkpoints import load_model, pretrained_of
from auralflow.config.files import read_list_file
from auralflow.config.layers import did_you_mean
from auralflow.errors import ConfigError
from auralflow.models.base import Separator
from auralflow.pretrained.fetching import Progress
from auralflow.separation.bag import Bag, Member

__all__ = ["load_bag", "open_networks"]

_BAG_SUFFIXES = (".yaml", ".yml")
_KEYS = ("model", "weights")


def open_networks(
    *models: str | Path, cuda: bool = True, progress: Progress | None = None
) -> Separator | Bag:
    """What `load_model` gives for one name, and a bag for several.

    Pretrained weights of several networks are a bag too, and so is a YAML file that describes one.

    Raises what `load_model` and `load_bag` do.
    """
    members = [member for model in models for member in _members(model, cuda, progress)]
    if len(members) == 1 and not members[0].weights:
        return members[0].network
    return Bag(members)


def _members(model: str | Path, cuda: bool, progress: Progress | None) -> Sequence[Member]:
    if Path(model).suffix.lower() in _BAG_SUFFIXES:
        return load_bag(Path(model).expanduser(), cuda=cuda, progress=progress).members
    entry = pretrained_of(model)
    if entry is None or not entry.members:
        return [Member(load_model(model, cuda=cuda, progress=progress))]
    return [
        Member(load_model(name, cuda=cuda, progress=progress), weights)
        for name, weights in entry.members
    ]


def load_bag(path: Path, *, cuda: bool = True, progress: Progress | None = None) -> Bag:
    """The networks that a YAML file lists, each with its weights by target; `auralflow.separation.bag` shows one.

    A `model` is a path from the file's folder, or what `load_model` takes.

    Raises `ConfigError` for a file that is no such list, and what `load_model` and `Bag` do.
    """
    entries = read_list_file(path)
    members = (
        _listed(entry, f"{path}, entry {number}", path.parent, cuda, progress)
        for number, entry in enumerate(entries, start=1)
    )
    return Bag(list(members))


def _listed(entry: Any, where: str, folder: Path, cuda: bool, progress: Progress | None) -> Member:
    if not isinstance(entry, Mapping):
        raise ConfigError(f"{where} is {entry!r}: write `model: NAME`, and `weights:` if you like")
    for key in entry:
        if key not in _KEYS:
            raise ConfigError(
                f"{where} has a key {key}{did_you_mean(str(key), _KEYS)}: remove or correct it"
            )
    model, weights = entry.get("model"), entry.get("weights") or {}
    if not isinstance(model, str):
        raise ConfigError(f"{where} has {model!r} as its model: name a checkpoint or a model")
    if not isinstance(weights, Mapping) or not all(
        isinstance(weight, int | float) and not isinstance(weight, bool)
        for weight in weights.values()
    ):
        raise ConfigError(
            f"{where} has {weights!r} as its weights: write numbers by target, as {{vocals: 1}}"
        )
    beside = folder / model
    found = load_model(beside if beside.exists() else model, cuda=cuda, progress=progress)
    return Member(found, dict(weights))
