"""Values from several places laid over one another: default, then file, then flag, each leaf with its origin."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from auralflow.config.base import Config, kebab
from auralflow.config.files import show_value
from auralflow.config.parameters import Parameter, parameters_of, section_of
from auralflow.errors import ConfigError

__all__ = ["Layer", "Resolved", "check", "did_you_mean", "flatten", "raise_problems", "resolve"]

C = TypeVar("C", bound=Config)


@dataclass(frozen=True)
class Layer:
    """Values from one place."""

    origin: str
    """How a message names the place: a file's name, or `flag`."""
    values: Mapping[str, Any]
    """Keys kebab or snake, nested or dotted."""


@dataclass(frozen=True)
class Resolved(Generic[C]):
    """A section as it is in force."""

    value: C
    origins: Mapping[str, str]
    """For each dotted key that is not at its default, the place that set it."""


def flatten(section: type[Config], values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested values as dotted kebab-case keys, going only into what is a nested section."""
    inner = {
        kebab(name): section_of(field.annotation) for name, field in section.model_fields.items()
    }
    flat: dict[str, Any] = {}
    for raw, value in values.items():
        key = kebab(str(raw))
        nested = inner.get(key)
        if nested is not None and isinstance(value, Mapping):
            flat |= flatten(nested, value, f"{prefix}{key}.")
        elif nested is not None and value is None:
            continue  # a section whose every line is commented out
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """` (did you mean …?)` for the nearest known word, or the whole list if it is short, or nothing."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f" (did you mean {near[0]}?)"
    return f" (known: {', '.join(known)})" if len(known) <= 12 else ""


def resolve(section: type[C], layers: Sequence[Layer]) -> Resolved[C]:
    """Lay the layers over the defaults, later ones on top.

    Raises `ConfigError` with every problem found.
    """
    resolved, problems = check(section, layers)
    raise_problems(problems)
    if resolved is None:
        raise ConfigError(f"{section.__name__} is not valid: report this as a bug")
    return resolved


def check(section: type[C], layers: Sequence[Layer]) -> tuple[Resolved[C] | None, list[str]]:
    """As `resolve`, for callers that gather the problems of several sections before they raise.

    Returns the section with the origin of each value, or None and one sentence for each problem.
    """
    known = {parameter.key: parameter for parameter in parameters_of(section)}
    flat = {key: leaf.default for key, leaf in known.items() if not leaf.required}
    origins: dict[str, str] = {}
    chosen: dict[str, Any] = {}
    for layer in layers:
        given = flatten(section, layer.values)
        # What only followed from an earlier place does not bind a later one.
        implied = section.implied(given, chosen)
        chosen |= given
        for key, value in {**implied, **given}.items():
            flat[key] = value
            origins[key] = layer.origin
    try:
        value = section.model_validate(_nest(flat))
    except ValidationError as error:
        problems = [_problem(detail, known, origins) for detail in error.errors()]
        return None, list(dict.fromkeys(problems))
    return Resolved(value, origins), []


def raise_problems(problems: Sequence[str]) -> None:
    """Raise one `ConfigError` that holds every problem, if there is any."""
    if len(problems) == 1:
        raise ConfigError(problems[0])
    if problems:
        raise ConfigError(
            f"{len(problems)} settings are wrong:\n" + "\n".join(f"  - {p}" for p in problems)
        )


def _nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for dotted, value in flat.items():
        *parents, leaf = dotted.split(".")
        place = nested
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                # A key below one that holds a value: left as it was written, and refused as unknown.
                nested[dotted] = value
                break
        else:
            place[leaf] = value
    return nested


def _problem(
    detail: ErrorDetails, known: Mapping[str, Parameter], origins: Mapping[str, str]
) -> str:
    key = _known_prefix(detail["loc"], known)
    origin = origins.get(key, "")
    where = f"{origin}: " if origin and origin != "flag" else ""
    name = f"--{key}" if origin == "flag" else key
    if detail["type"] == "extra_forbidden":
        hint = did_you_mean(key, list(known))
        return f"{where}{name} is not a key here{hint}: correct or remove it"
    if detail["type"] == "missing":
        return f"{name} is not set: give it a value"
    value = show_value(detail["input"])
    parameter = known.get(key)
    return f"{where}{name} is {value}, but {_wanted(detail, parameter)}: change it"


def _known_prefix(loc: tuple[int | str, ...], known: Mapping[str, Parameter]) -> str:
    """The key of an error's location without what pydantic appends for unions and list positions."""
    parts = [kebab(str(part)) for part in loc]
    for end in range(len(parts), 0, -1):
        if ".".join(parts[:end]) in known:
            return ".".join(parts[:end])
    return ".".join(parts)


def _wanted(detail: ErrorDetails, parameter: Parameter | None) -> str:
    kind = detail["type"]
    if parameter is not None and parameter.options:
        return f"must be one of {', '.join(parameter.options)}" + (
            did_you_mean(str(detail["input"]), parameter.options)
            if len(parameter.options) > 12
            else ""
        )
    if kind in ("value_error", "assertion_error"):
        return detail["msg"].removeprefix("Value error, ")
    if kind in ("model_type", "model_attributes_type"):
        return "must be keys with values"
    if kind.endswith(("_type", "_parsing", "_from_float")) and parameter is not None:
        return f"must be {parameter.type_name}"
    return detail["msg"].replace("Input should be", "must be")
