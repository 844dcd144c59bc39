"""Names to the network that separates, or to the several that do so together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auralflow.checkpoints import load_model, pretrained_of
from auralflow.config.files import read_list_file
from auralflow.config.layers import did_you_mean
from auralflow.errors import ConfigError
from auralflow.models.base import Separator
from auralflow.pretrained.catalogue import Progress
from auralflow.separation.bag import Bag, Member

__all__ = ["Part", "list_parts", "load_bag", "open_networks"]

_BAG_SUFFIXES = (".yaml", ".yml")
_KEYS = ("model", "weights")


@dataclass(frozen=True)
class Part:
    """A network of a bag that is not loaded yet."""

    model: str | Path
    """What `load_model` takes."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """As those of a `Member`."""


def open_networks(
    *models: str | Path, cuda: bool = True, progress: Progress | None = None
) -> Separator | Bag:
    """What `load_model` gives for one name, and a bag for several.

    Pretrained weights of several networks are a bag too, and so is a YAML file that describes one.

    Raises what `load_model` and `load_bag` do.
    """
    parts = list_parts(*models)
    if len(parts) == 1 and not parts[0].weights:
        return load_model(parts[0].model, cuda=cuda, progress=progress)
    return _load(parts, cuda, progress)


def list_parts(*models: str | Path) -> tuple[Part, ...]:
    """The networks that names stand for, of which a bag has several; nothing is fetched or loaded.

    Raises `ConfigError` for a YAML file that does not describe a bag, and for one that is not there.
    """
    return tuple(part for model in models for part in _parts_of(model))


def _parts_of(model: str | Path) -> list[Part]:
    if Path(model).suffix.lower() in _BAG_SUFFIXES:
        return _described(Path(model).expanduser())
    entry = pretrained_of(model)
    if entry is None or not entry.members:
        return [Part(model)]
    return [Part(name, weights) for name, weights in entry.members]


def load_bag(path: Path, *, cuda: bool = True, progress: Progress | None = None) -> Bag:
    """The networks that a YAML file lists, each with its weights by target; `auralflow.separation.bag` shows one.

    A `model` is a path from the file's folder, or what `load_model` takes.

    Raises `ConfigError` for a file that is no such list, and what `load_model` and `Bag` do.
    """
    return _load(tuple(_described(path)), cuda, progress)


def _load(parts: tuple[Part, ...], cuda: bool, progress: Progress | None) -> Bag:
    return Bag(
        [
            Member(load_model(part.model, cuda=cuda, progress=progress), part.weights)
            for part in parts
        ]
    )


def _described(path: Path) -> list[Part]:
    return [
        _listed(entry, f"{path}, entry {number}", path.parent)
        for number, entry in enumerate(read_list_file(path), start=1)
    ]


def _listed(entry: Any, where: str, folder: Path) -> Part:
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
    return Part(beside if beside.exists() else model, dict(weights))
