"""Settings that come with the package: one commented YAML file for each architecture people start from."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from auralflow.config import Layer, read_config_file
from auralflow.config.layers import did_you_mean
from auralflow.errors import ConfigError

__all__ = ["preset_layer", "preset_names", "preset_text"]


def _folder() -> Traversable:
    return files("auralflow") / "presets"


def preset_names() -> tuple[str, ...]:
    """The names of all presets."""
    return tuple(
        sorted(Path(file.name).stem for file in _folder().iterdir() if file.name.endswith(".yaml"))
    )


def preset_text(name: str) -> str:
    """A preset as it is written, with its comments.

    Raises `ConfigError` for a name that is none.
    """
    if name not in preset_names():
        raise ConfigError(
            f"{name} is not a preset{did_you_mean(name, preset_names())}: choose one of these names"
        )
    return (_folder() / f"{name}.yaml").read_text(encoding="utf-8")


def preset_layer(name: str) -> Layer:
    """A preset as values to be laid under those of files and flags. Raises `ConfigError` for a name that is none."""
    preset_text(name)
    return Layer(f"preset {name}", read_config_file(Path(str(_folder() / f"{name}.yaml"))))
