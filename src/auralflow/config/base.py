"""The base of every configuration section, and the docstrings of its fields."""

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self, cast

from pydantic import BaseModel, ConfigDict, model_validator

__all__ = ["Config", "field_docs", "kebab", "snake"]


def kebab(name: str) -> str:
    """The written form of a key: `max_layers` becomes `max-layers`."""
    return name.replace("_", "-")


def snake(name: str) -> str:
    """The Python form of a key: `max-layers` becomes `max_layers`."""
    return name.replace("-", "_")


class Config(BaseModel):
    """A frozen, closed mapping of keys to checked values.

    Fields are declared once, each followed by a docstring, which becomes the YAML comment, the help text of the flag
    and the row in the documentation. Keys are kebab-case in files and snake_case in Python.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=kebab,
        populate_by_name=True,
        protected_namespaces=(),
        allow_inf_nan=False,
        # Validators are built when first used: `--help` needs the fields only.
        defer_build=True,
    )

    @classmethod
    def defaults(cls) -> Self:
        """The section with nothing set, for a section that holds it.

        It is what the call without arguments gives, but builds no validator: those of three nested sections cost
        every `--help` a fifth of its time.
        """
        return cast("Self", cls.model_construct())

    @classmethod
    def implied(cls, given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003  (for those who override it)
        """What follows from the keys that one place sets, for keys it leaves unset: `--domain audio` implies a task.

        `given` are that place's keys, dotted and kebab-case, `before` those that the places under it set themselves.
        """
        return {}

    @model_validator(mode="before")
    @classmethod
    def _lists_as_tuples(cls, values: Any) -> Any:
        """YAML has lists only, sections hold tuples only."""
        if not isinstance(values, dict):
            return values
        return {key: _as_tuple(value) for key, value in values.items()}


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(inner) for inner in value) if isinstance(value, list) else value


@cache
def _docs_of_module(module: str) -> dict[str, dict[str, str]]:
    path = inspect.getsourcefile(sys.modules[module])
    if path is None:
        return {}
    docs: dict[str, dict[str, str]] = {}
    for node in ast.parse(Path(path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            docs[node.name] = _docs_of_class(node)
    return docs


def _docs_of_class(node: ast.ClassDef) -> dict[str, str]:
    docs = {}
    for field, text in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        ):
            docs[field.target.id] = " ".join(inspect.cleandoc(text.value.value).split())
    return docs


def field_docs(section: type[Config]) -> dict[str, str]:
    """The docstring written below each field of a section, on one line.

    Read from the source, a module at a time: letting pydantic do it costs a tenth of a second for every `--help`.
    """
    docs: dict[str, str] = {}
    for cls in reversed(section.__mro__):
        if issubclass(cls, Config) and cls is not Config:
            docs |= _docs_of_module(cls.__module__).get(cls.__name__, {})
    return docs
