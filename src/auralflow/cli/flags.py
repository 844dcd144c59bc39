"""Flags made from configuration sections, and help that groups them."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from auralflow.config import Config, Parameter, parameters_of
from auralflow.config.base import snake
from auralflow.config.files import parse_value, show_value

__all__ = [
    "ParameterOption",
    "SectionedCommand",
    "options_of",
    "target_options",
    "values_given",
    "words_given",
]

_LETTERS = {"b": "bass", "d": "drums", "o": "other", "v": "vocals"}
_UNKNOWN = "auralflow.cli.flags.unknown"


class ParameterOption(click.Option):
    """A flag that stands for one key of a section."""

    def __init__(self, parameter: Parameter, section: str) -> None:
        self.parameter = parameter
        self.section = section
        name = _argument(parameter.key)
        switch = f"{parameter.flag}/--no-{parameter.key}" if parameter.is_switch else parameter.flag
        default = _shown(parameter.default)
        default += "".join(
            f"; {name} {_shown(value)}" for name, value in parameter.elsewhere.items()
        )
        super().__init__(
            [switch, name],
            default=None,
            type=bool if parameter.is_switch else str,
            metavar=None if parameter.is_switch else _metavar(parameter),
            help=f"{parameter.doc} [default: {default}]",
        )


class SectionedCommand(click.Command):
    """A command whose help lists its own options first, then those of each section.

    A flag that is no option of it is taken for a misspelt key and handed on with the others, so that all that is
    wrong with the flags is told at once.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click's, with the unknown flags set aside."""
        known = {
            name: param
            for param in self.get_params(ctx)
            if isinstance(param, click.Option)
            for name in (*param.opts, *param.secondary_opts)
        }
        rest, unknown = _without_unknown(args, known)
        hints = {name: difflib.get_close_matches(name, known, n=1) for name in unknown}
        own = any(
            not isinstance(known[near[0]], ParameterOption) for near in hints.values() if near
        )
        try:
            if own:
                raise click.UsageError("", ctx)
            remaining = super().parse_args(ctx, rest)
        except click.UsageError:
            if not unknown:
                raise
            problems = [
                f"{name} is not an option" + (f" (did you mean {near[0]}?)" if near else "")
                for name, near in hints.items()
            ]
            raise click.UsageError("; ".join(problems), ctx) from None
        ctx.meta[_UNKNOWN] = {name.removeprefix("--"): text for name, text in unknown.items()}
        return remaining

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, grouped."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                section = param.section if isinstance(param, ParameterOption) else "Options"
                groups.setdefault(section, []).append(record)
        for section, records in groups.items():
            with formatter.section(section):
                formatter.write_dl(records)


def _without_unknown(
    args: list[str], known: Mapping[str, click.Option]
) -> tuple[list[str], dict[str, str]]:
    """The arguments that options take, and the flags that none does with the text that follows each."""
    rest: list[str] = []
    unknown: dict[str, str] = {}
    words = iter(range(len(args)))
    for place in words:
        word = args[place]
        name, equals, text = word.partition("=")
        following = args[place + 1] if place + 1 < len(args) else "-"
        if word == "--":
            return rest + args[place:], unknown
        if name in known or not name.startswith("--"):
            rest.append(word)
            if name in known and not known[name].is_flag and not equals and place + 1 < len(args):
                rest.append(args[next(words)])
        elif equals or following.startswith("-"):
            unknown[name] = text
        else:
            unknown[name] = args[next(words)]
    return rest, unknown


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value  # as it would be typed, and without asking YAML, which takes time to load
    return "none" if value is None else show_value(value)


def _argument(key: str) -> str:
    return "key_" + snake(key).replace(".", "__")


def _metavar(parameter: Parameter) -> str:
    if parameter.options:
        return "|".join(parameter.options)
    names = {"a whole number": "N", "a number": "X", "a word": "TEXT"}
    return names.get(parameter.type_name, "LIST" if "list" in parameter.type_name else "TEXT")


def options_of(
    parameters: Iterable[tuple[str, Parameter]], titles: Mapping[str, str]
) -> list[click.Parameter]:
    """One flag for each parameter, under the title of its section."""
    return [ParameterOption(parameter, titles[section]) for section, parameter in parameters]


def section_options(
    section: type[Config], title: str, *, leave_out: Sequence[str] = ()
) -> list[click.Parameter]:
    """One flag for each key of a single section."""
    return [
        ParameterOption(parameter, title)
        for parameter in parameters_of(section)
        if parameter.key not in leave_out
    ]


def target_options() -> list[click.Parameter]:
    """The short flags `-b -d -o -v`, and `-a`, `--all` (and `-all`)."""
    short: list[click.Parameter] = [
        click.Option(
            [f"-{letter}", f"target_{name}"], is_flag=True, help=f"Add {name} to the targets."
        )
        for letter, name in _LETTERS.items()
    ]
    return [
        *short,
        click.Option(
            ["-a", "--all", "target_all"],
            is_flag=True,
            help="All stems of the dataset are targets.",
        ),
    ]


def values_given(ctx: click.Context) -> dict[str, Any]:
    """The keys that the user gave as flags, dotted, with what their text means.

    The short target flags are in it, and so are unknown flags: whoever checks the keys tells of them.
    """
    values: dict[str, Any] = dict(ctx.meta.get(_UNKNOWN, {}))
    for param in ctx.command.params:
        if isinstance(param, ParameterOption):
            value = ctx.params.get(param.name or "")
            if value is not None:
                key = param.parameter.key
                values[key] = _meaning(param.parameter, value) if isinstance(value, str) else value
    chosen = [name for name in _LETTERS.values() if ctx.params.get(f"target_{name}")]
    if ctx.params.get("target_all"):
        values["targets"] = ["all"]
    elif chosen:
        before = values.get("targets", [])
        values["targets"] = [*([before] if isinstance(before, str) else before), *chosen]
    return values


def words_given(ctx: click.Context) -> list[str]:
    """The flags of parameters as they can be typed again."""
    words: list[str] = []
    for param in ctx.command.params:
        value = ctx.params.get(param.name or "")
        if isinstance(param, ParameterOption):
            if isinstance(value, str):
                words += [param.opts[0], value]
            elif value is not None:
                words += param.opts if value else param.secondary_opts
        elif value and (param.name or "").startswith("target_"):
            words.append(param.opts[0])
    return words


def _meaning(parameter: Parameter, text: str) -> Any:
    """Names stay as they are typed: a track called `12` is no number."""
    if parameter.type_name == "a list of a word":
        value = parse_value(text, parameter.flag) if text.strip().startswith("[") else text
        return [str(item) for item in value] if isinstance(value, list) else text
    if parameter.annotation in (str, str | None):
        return text
    return parse_value(text, parameter.flag)
