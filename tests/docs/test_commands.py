"""Commands, flags and targets that the pages name exist."""

import re
import shlex
from importlib import import_module

import click
import pytest

from auralflow.cli.main import COMMANDS
from tests.docs.pages import PAGES, ROOT, blocks_of, inline_code_of

# Flags of the program itself, which every command takes.
_GENERAL = {"--help", "--version", "--debug"}


def _flags(command: str) -> set[str]:
    """Those of a command, and of the commands that it has itself."""
    found = _found(command)
    return {
        flag
        for each in (found, *_inner(found).values())
        for parameter in each.params
        for flag in (*parameter.opts, *parameter.secondary_opts)
        if flag.startswith("-")
    } | _GENERAL


def _found(command: str) -> click.Command:
    found: click.Command = import_module(f"auralflow.cli.{command}").command
    return found


def _inner(command: click.Command) -> dict[str, click.Command]:
    """The commands of a command, such as `list` and `show` of `auralflow models`."""
    if not isinstance(command, click.Group):
        return {}
    context = click.Context(command)
    names = command.list_commands(context)
    return {name: found for name in names if (found := command.get_command(context, name))}


def _lines(page: str) -> list[str]:
    lines = [
        line for block in blocks_of(page) if block.language == "bash" for line in block.commands
    ]
    lines += [
        f"auralflow {' '.join(block.added_flags)}" for block in blocks_of(page) if block.added_flags
    ]
    return lines + inline_code_of(page)


def _calls(page: str) -> list[list[str]]:
    """The words of every call of the program, from the name of the command on."""
    calls = []
    for line in _lines(page):
        match = re.match(r"\s*(auralflow|python3 trainer\.py)\s+(.+)", line)
        if match is not None:
            words = shlex.split(match[2], comments=True)
            calls.append(words if match[1] == "auralflow" else ["train", *words])
    return calls


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_its_flags_exist(page: str):
    for command, *words in _calls(page):
        if command in _GENERAL:
            continue
        assert command in COMMANDS, f"{page} names auralflow {command}"
        inner = _inner(_found(command))
        assert not (inner and words) or words[0] in inner, f"{page} names {command} {words[0]}"
        for word in words:
            if re.match(r"--?[a-z]", word):
                assert word in _flags(command), f"{page} names auralflow {command} {word}"


@pytest.mark.parametrize("page", PAGES)
def test_every_flag_named_by_itself_belongs_to_some_command(page: str):
    known = set().union(*(_flags(command) for command in COMMANDS))
    for code in inline_code_of(page):
        if re.match(r"--[a-z]", code):
            assert code.split()[0] in known, f"{page} names {code}"


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_exists(page: str):
    named = {
        word
        for line in _lines(page)
        for found in [re.match(r"\s*make ([\w-]+)", line)]
        if found
        for word in found.groups()
    }
    if not named:
        return
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named <= targets
