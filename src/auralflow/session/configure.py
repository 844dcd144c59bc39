"""A model's configuration files: written once, read back with flags laid over them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from auralflow.config import Layer, read_config_file, to_yaml
from auralflow.errors import ConfigError, SessionError
from auralflow.files import write_whole
from auralflow.session.folder import (
    CONFIG_SUFFIXES,
    RUNS,
    ModelFolder,
    create_session,
    find_session,
    make_folder,
)
from auralflow.settings import SECTIONS, Settings, preset_layer, read_settings

__all__ = ["check_name", "configure", "file_layers", "load_settings", "write_settings"]

_TAKEN = (".", "..", RUNS, "data", "train")
"""No names for models: a model called data would have its network's file where the data section's is."""

_HEADERS = {
    "model": "The network. Every key is optional; what is left out has the value shown here or the architecture's default.",
    "data": "Audio and dataset processing. Every key is optional.",
    "train": "Training. Every key is optional.",
}


def configure(
    session: Path | str | None = None,
    *,
    model: str | None = None,
    name: str,
    preset: str | None = None,
    force: bool = False,
    **parameters: Any,
) -> Path:
    """Write the commented YAML files of a new model and return its folder.

    `session` is a session's folder, by default the current folder or its parent if it is one; it is made if it does
    not exist. `model` is a base architecture, by default the preset's, or unet. `preset` is the name of settings that
    come with the package; `parameters` are any keys of model, data or train in snake_case and go before it.
    Existing files stay as they are unless `force` is given.

    Raises `ConfigError` for wrong keys, all at once, before anything is written; `SessionError` if the model exists.
    """
    check_name(name)
    settings = load_settings(preset=preset, base=model, flags=parameters)
    folder = ModelFolder(
        (find_session() if session is None else Path(session).expanduser().absolute()) / name
    )
    existing = [path.name for section in SECTIONS if (path := folder.found_config_file(section))]
    if existing and not force:
        raise SessionError(
            f"{folder.path} already has {', '.join(existing)}: choose another name, or pass --force to write "
            "these files anew"
        )
    create_session(folder.session)
    write_settings(folder, settings)
    return folder.path


def check_name(name: str) -> None:
    """Raise `ConfigError` unless a model of this name can have a folder."""
    if not name.strip() or name in _TAKEN or "/" in name or min(name) < " ":
        raise ConfigError(
            f"{name!r} cannot be the name of a model: give a plain folder name other than "
            f"{', '.join(_TAKEN[2:])}, such as vocals-1"
        )
    if len(name.encode()) > 200:
        raise ConfigError(
            f"the model's name has {len(name.encode())} bytes: give one of 200 at most, since files are named after it"
        )


def write_settings(folder: ModelFolder, settings: Settings) -> None:
    """Write the three YAML files; raise `OutputError` if that cannot be done."""
    make_folder(folder.checkpoint)
    for section in SECTIONS:
        text = to_yaml(section, settings.section(section), _HEADERS[section])
        write_whole(folder.config_file(section), text.encode())


def load_settings(
    folder: ModelFolder | None = None,
    *,
    load: Path | None = None,
    load_config: Sequence[Path] = (),
    flags: Mapping[str, Any] | None = None,
    base: str | None = None,
    preset: str | None = None,
) -> Settings:
    """The settings in force: flags over single files over those of `load` over the model folder's over the preset's.

    Raises `ConfigError` with every problem of every file and flag.
    """
    layers: list[Layer] = [] if preset is None else [preset_layer(preset)]
    if folder is not None:
        files = [folder.found_config_file(section) for section in SECTIONS]
        layers += file_layers([path for path in files if path is not None])
    if load is not None:
        layers += file_layers(config_files_in(load))
    layers += file_layers(load_config)
    if base is not None:
        layers.append(Layer("flag", {"base-model": base}))
    layers.append(Layer("flag", flags or {}))
    return read_settings(layers)


def file_layers(files: Sequence[Path]) -> list[Layer]:
    """One layer a file."""
    return [Layer(path.name, read_config_file(path)) for path in files]


def config_files_in(folder: Path) -> list[Path]:
    """The configuration files of a folder: all that end in `_config` and can be read.

    Raises `ConfigError` if the folder has none.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder: give one with configuration files to --load")
    files = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix in CONFIG_SUFFIXES and path.stem.endswith("_config") and path.is_file()
    ]
    if not files:
        raise ConfigError(
            f"{folder} holds no configuration: looked for files such as data_config.yaml or train_config.json"
        )
    return files
