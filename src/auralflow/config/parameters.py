"""The leaves of a configuration section as a flat list: what flags, help and documentation are made of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from auralflow.config.base import Config, field_docs, kebab

__all__ = ["Parameter", "parameters_of", "section_of"]


@dataclass(frozen=True)
class Parameter:
    """One key of a configuration section."""

    key: str
    """Dotted and kebab-case, as `encoder.kernel-size`."""
    annotation: Any
    default: Any
    required: bool
    doc: str
    elsewhere: Mapping[str, Any] = field(default_factory=dict)
    """Other defaults, by the name of what has them, where several sections share the key."""

    @property
    def flag(self) -> str:
        """The flag of the command line, such as `--encoder.kernel-size`."""
        return f"--{self.key}"

    @property
    def options(self) -> tuple[str, ...]:
        """The allowed words, if the value is one of a fixed set."""
        return tuple(str(word) for word in _literal_words(self.annotation))

    @property
    def is_switch(self) -> bool:
        """Whether the flag takes no value: `--mono`, `--no-mono`."""
        return self.annotation is bool

    @property
    def type_name(self) -> str:
        """What a person would call the type, such as `a whole number`."""
        return "|".join(self.options) or _NAMES.get(self.annotation, _plain_name(self.annotation))


_NAMES: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a word",
    tuple[tuple[Any, ...], ...]: "a list of layers",
}


def _literal_words(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) in (Union, UnionType):
        return tuple(word for part in get_args(annotation) for word in _literal_words(part))
    return ()


def _plain_name(annotation: Any) -> str:
    if get_origin(annotation) in (Union, UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        return " or ".join(dict.fromkeys(_NAMES.get(part, _plain_name(part)) for part in parts))
    if get_origin(annotation) is Annotated:
        inner = get_args(annotation)[0]
        return _NAMES.get(inner, _plain_name(inner))
    if get_origin(annotation) is dict:
        return "keys with values, as {a: b}"
    if get_origin(annotation) is tuple:
        parts = [part for part in get_args(annotation) if part is not Ellipsis]
        if len(parts) == 2 and {_plain_name(part) for part in parts} == {"a whole number"}:
            return "a pair of whole numbers"
        return "a list of " + " or ".join(
            dict.fromkeys(_NAMES.get(part, _plain_name(part)) for part in parts)
        )
    words = " or ".join(map(str, _literal_words(annotation)))
    return words or {"Path": "path"}.get(getattr(annotation, "__name__", ""), str(annotation))


def section_of(annotation: Any) -> type[Config] | None:
    """The nested section a field holds, if it holds one."""
    if isinstance(annotation, type) and issubclass(annotation, Config):
        return annotation
    return None


def parameters_of(
    section: type[Config], prefix: str = "", defaults: Config | None = None
) -> Iterator[Parameter]:
    """Every leaf key of a section, in the order of declaration, nested ones with dotted names.

    `defaults` is an instance whose values stand in for those of the class: how an architecture gives a shared
    subsection other defaults.
    """
    docs = field_docs(section)
    for name, info in section.model_fields.items():
        key = f"{prefix}{kebab(name)}"
        required = info.is_required() and defaults is None
        default = None if required else _default(section, name, defaults)
        inner = section_of(info.annotation)
        if inner is None:
            yield Parameter(key, info.annotation, default, required, docs.get(name, ""))
        else:
            yield from parameters_of(inner, f"{key}.", default)


def _default(section: type[Config], name: str, defaults: Config | None) -> Any:
    if defaults is not None:
        return getattr(defaults, name)
    return section.model_fields[name].get_default(call_default_factory=True)
