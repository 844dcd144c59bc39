"""The three sections of a model's settings, laid over one another from files and flags."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from auralflow.config import Config, Layer, Parameter, parameters_of
from auralflow.config.base import kebab
from auralflow.config.files import plain, show_value
from auralflow.config.layers import check, did_you_mean, flatten, raise_problems
from auralflow.errors import ConfigError
from auralflow.models.catalogue import ARCHITECTURES, find_architecture
from auralflow.models.options import NetworkConfig
from auralflow.settings.data import DataSettings
from auralflow.settings.train import TrainConfig

__all__ = ["SECTIONS", "Settings", "all_parameters", "read_settings"]

SECTIONS = ("model", "data", "train")


@dataclass(frozen=True)
class Settings:
    """What is in force for one model."""

    model: NetworkConfig
    data: DataSettings
    train: TrainConfig
    origins: Mapping[str, str]
    """For each dotted key that a file or a flag sets, which one."""

    def section(self, name: str) -> Config:
        """One of `SECTIONS`."""
        sections: dict[str, Config] = {"model": self.model, "data": self.data, "train": self.train}
        return sections[name]

    def as_plain(self) -> dict[str, Any]:
        """All keys and values, as YAML, JSON and checkpoints hold them."""
        return {name: plain(self.section(name)) for name in SECTIONS}


def all_parameters() -> Iterator[tuple[str, Parameter]]:
    """Every parameter with its section; what several architectures share comes once, with all its defaults."""
    leaves: dict[str, Parameter] = {}
    for family, section in _families().items():
        for leaf in parameters_of(section):
            first = leaves.setdefault(leaf.key, leaf)
            if leaf.default != first.default:
                leaves[leaf.key] = replace(
                    first, elsewhere={**first.elsewhere, family: leaf.default}
                )
    for leaf in leaves.values():
        yield "model", leaf
    for name, other in (("data", DataSettings), ("train", TrainConfig)):
        for parameter in parameters_of(other):
            yield name, parameter


def _families() -> dict[str, type[NetworkConfig]]:
    """The configurations of networks by their `base-model`."""
    return {
        str(entry.config.model_fields["base_model"].default): entry.config
        for entry in ARCHITECTURES
    }


def read_settings(
    layers: Sequence[Layer] = (), *, base: str | None = None, source: Path | str = ""
) -> Settings:
    """Settings from layers, each of which holds sections (`model:`, `data:`, `train:`), bare keys, or both.

    `base` is the architecture if no layer names one by `base-model`; `source` is named in messages about the whole.
    Raises one `ConfigError` with every problem of every section.
    """
    chosen = _last(layers, "base-model") or base or "unet"
    if not isinstance(chosen, str):
        raise ConfigError(f"base-model is {chosen!r}: give the name of an architecture")
    architecture = find_architecture(chosen)
    classes: dict[str, type[Config]] = {
        "model": architecture.config,
        "data": DataSettings,
        "train": TrainConfig,
    }
    sorted_layers: dict[str, list[Layer]] = {name: [] for name in SECTIONS}
    problems: list[str] = []
    naming = [layer for layer in layers if _last([layer], "base-model") is not None]
    # An architecture's own values stand below the keys beside its name, and above the places before it: a flag
    # `--base UNetAudio` goes before a file's `domain: spectrogram`.
    place = layers.index(naming[-1]) if naming else 0
    own = Layer(chosen, {"model": architecture.settings, "data": architecture.data})
    for layer in [*layers[:place], own, *layers[place:]]:
        for name, values in _by_section(layer, classes, problems).items():
            sorted_layers[name].append(Layer(layer.origin, values))
    # The family's own name stands in the section, whichever of its names the user gave.
    family = architecture.config.model_fields["base_model"].get_default()
    if _last(layers, "base-model") is not None:
        sorted_layers["model"].append(Layer(_origin(layers, "base-model"), {"base-model": family}))

    model, model_problems = check(architecture.config, sorted_layers["model"])
    data, data_problems = check(DataSettings, sorted_layers["data"])
    train, train_problems = check(TrainConfig, sorted_layers["train"])
    problems += [*model_problems, *data_problems, *train_problems]
    if source and problems:
        problems = [f"{source}: {problem}" for problem in problems]
    raise_problems(problems)
    if model is None or data is None or train is None:
        raise ConfigError("the settings are not valid: report this as a bug")
    return Settings(
        model.value,
        data.value,
        train.value,
        {**model.origins, **data.origins, **train.origins},
    )


def _last(layers: Sequence[Layer], key: str) -> Any:
    """The value of a model key in the last layer that has it."""
    for layer in reversed(layers):
        inside = layer.values.get("model")
        for values in (layer.values, inside if isinstance(inside, Mapping) else {}):
            for written, value in values.items():
                if kebab(str(written)) == key:
                    return value
    return None


def _origin(layers: Sequence[Layer], key: str) -> str:
    return next((layer.origin for layer in reversed(layers) if _last([layer], key) is not None), "")


def _by_section(
    layer: Layer, classes: Mapping[str, type[Config]], problems: list[str]
) -> dict[str, dict[str, Any]]:
    """A layer's values by section; bare keys go to the section that has them."""
    known = {
        parameter.key: name for name, cls in classes.items() for parameter in parameters_of(cls)
    }
    parents = {key.split(".")[0]: name for key, name in known.items()}
    result: dict[str, dict[str, Any]] = {name: {} for name in classes}
    for written, value in layer.values.items():
        key = kebab(str(written))
        if key in classes and isinstance(value, Mapping):
            result[key] |= flatten(classes[key], value)
        elif key in classes and value is None:
            continue
        elif key in classes:
            problems.append(
                f"{layer.origin}: {key} is {show_value(value)}, but must be keys with values: "
                "write them below it, or remove it"
            )
        elif key.split(".")[0] in parents:
            result[parents[key.split(".")[0]]] |= flatten(
                classes[parents[key.split(".")[0]]], {key: value}
            )
        else:
            name = f"--{key}" if layer.origin == "flag" else f"{layer.origin}: {key}"
            problems.append(
                f"{name} is not a key of model, data or train{did_you_mean(key, list(known))}: "
                "correct or remove it"
            )
    return result
