"""Configuration files: commented YAML out, YAML or JSON in."""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auralflow.config.base import Config, kebab
from auralflow.config.parameters import Parameter, parameters_of
from auralflow.errors import ConfigError

__all__ = ["parse_value", "plain", "read_config_file", "read_list_file", "show_value", "to_yaml"]

_COMMENT_WIDTH = 96
_WORD = re.compile(r"(?!(?:true|false|null)$)[a-z][a-z0-9_-]*|\d+(?:\.\d+){2,}")
"""Plain words, and numbers with more dots than numbers have, as addresses: text that YAML reads back as it is, which is known without importing YAML."""


def read_config_file(path: Path) -> dict[str, Any]:
    """The mapping in a `.yaml`, `.yml` or `.json` file; an empty file is an empty mapping.

    Raises `ConfigError` for a file that is missing, is no mapping, names a key twice or is no valid YAML or JSON.
    """
    values = _parse_file(path)
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(
            f"{path} holds {_kind(values)}, not keys with values: write lines such as `lr: 0.001`"
        )
    return values


def read_list_file(path: Path) -> list[Any]:
    """The list in a `.yaml`, `.yml` or `.json` file.

    Raises `ConfigError` for a file that is missing, is no list or an empty one, or is no valid YAML or JSON.
    """
    values = _parse_file(path)
    if not isinstance(values, list) or not values:
        found = "nothing" if values is None or values == [] else _kind(values)
        raise ConfigError(f"{path} holds {found}, not a list: write entries that begin with `- `")
    return values


def _parse_file(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"{path} cannot be read ({reason}): give a YAML or JSON file") from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path} cannot be read (byte {error.start + 1} is no UTF-8): save it as UTF-8"
        ) from error
    return _parse_json(text, path) if path.suffix.lower() == ".json" else _parse_yaml(text, path)


def _parse_yaml(text: str, where: Path | str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark is not None else ""
        reason = (error.problem or "unreadable").strip()
        raise ConfigError(f"{where}{line}: {reason}: correct the YAML there") from error
    except YAMLError as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{where} is not valid YAML ({reason}): correct it") from error


def _parse_json(text: str, path: Path) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ConfigError(f"{path} names {', '.join(twice)} twice: keep one of them")
        return dict(pairs)

    if not text.strip():
        return None
    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"{path}, line {error.lineno}: {error.msg}: correct the JSON there"
        ) from error


def _kind(value: Any) -> str:
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "keys with values"
    return "a line of text" if isinstance(value, str) else f"the value {value!r}"


def parse_value(text: str, where: str) -> Any:
    """What a flag's text means, read as YAML: `3` is a number, `[8, 1]` a list, `adam` a word.

    Text that YAML cannot read, such as a path with a colon, stays text.
    """
    if not text.strip():
        return text
    try:
        value = _parse_yaml(text, where)
    except ConfigError:
        return text
    return value if isinstance(value, int | float | bool | list | dict | str | None) else text


def plain(value: Any) -> Any:
    """A value of a section as YAML and JSON can hold it: kebab keys, lists for tuples, text for paths."""
    if isinstance(value, Config):
        return {kebab(name): plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [plain(inner) for inner in value]
    if isinstance(value, Path):
        return str(value)
    return value


def show_value(value: Any) -> str:
    """A value on one line, as it would be written in YAML."""
    value = plain(value)
    if isinstance(value, bool | None):
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, list):
        return "[" + ", ".join(show_value(inner) for inner in value) + "]"
    if isinstance(value, dict):
        inner = ", ".join(f"{key}: {show_value(part)}" for key, part in value.items())
        return "{" + inner + "}"
    if isinstance(value, str):
        return value if _reads_back(value) else _quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else f"{'-' * (value < 0)}.inf"
    return repr(value)


def _quoted(text: str) -> str:
    """Text in double quotes, what cannot be seen in it escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _reads_back(text: str) -> bool:
    """Whether YAML takes the bare text for this text, wherever it stands."""
    if _WORD.fullmatch(text):
        return True
    if not text.isprintable() or set(text) & set(",[]{}:#&*!|>'\"%@`"):
        return False
    try:
        return bool(_parse_yaml(text, "") == text)
    except ConfigError:
        return False


def to_yaml(name: str, config: Config, header: str = "") -> str:
    """A section as YAML: one mapping called `name`, above each key its comment, behind it the allowed words."""
    values = {parameter.key: parameter for parameter in parameters_of(type(config))}
    lines = [f"# {line}".rstrip() for line in header.splitlines()]
    lines += [f"{name}:"]
    lines += _section_lines(config, "", "  ", values)
    return "\n".join(lines) + "\n"


def _section_lines(
    config: Config, prefix: str, indent: str, known: dict[str, Parameter]
) -> list[str]:
    lines: list[str] = []
    for name in type(config).model_fields:
        value = getattr(config, name)
        key = kebab(name)
        if isinstance(value, Config):
            lines += [
                f"{indent}{key}:",
                *_section_lines(value, f"{prefix}{key}.", indent + "  ", known),
            ]
            continue
        parameter = known[f"{prefix}{key}"]
        lines += [
            f"{indent}# {line}" for line in _wrap(_comment(parameter), _COMMENT_WIDTH - len(indent))
        ]
        lines.append(f"{indent}{key}: {show_value(value)}")
    return lines


def _comment(parameter: Parameter) -> str:
    options = f" Options: {', '.join(parameter.options)}." if parameter.options else ""
    return parameter.doc + options


def _wrap(text: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(text, width)
