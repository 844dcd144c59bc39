"""Help that can be had for every command, with every key of its sections."""

import pytest

from auralflow._version import __version__
from auralflow.app.config import AppConfig
from auralflow.cli.main import COMMANDS
from auralflow.config import parameters_of
from auralflow.separation.config import FILE_KEYS, SONGS_KEYS, SeparationConfig
from auralflow.settings import all_parameters

SETTINGS = [parameter for _, parameter in all_parameters() if parameter.key != "base-model"]
"""The base architecture is an option of the commands themselves."""

KEYS = {
    "config": SETTINGS,
    "train": SETTINGS,
    "separate": list(parameters_of(SeparationConfig)),
    "app": [
        *parameters_of(AppConfig),
        *(leaf for leaf in parameters_of(SeparationConfig) if leaf.key not in SONGS_KEYS),
    ],
    "evaluate": [leaf for leaf in parameters_of(SeparationConfig) if leaf.key not in FILE_KEYS],
}


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_the_program_lists_its_commands(auralflow, flag):
    outcome = auralflow(flag)
    assert (outcome.code, outcome.err) == (0, "")
    for name, summary in COMMANDS.items():
        assert f"  {name} " in outcome.out
        assert summary in outcome.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(auralflow, command):
    outcome = auralflow(command, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"Usage: auralflow {command} ")


@pytest.mark.parametrize("command", KEYS)
def test_help_has_every_key_with_its_description_and_default(auralflow, command):
    lines = auralflow(command, "--help").out.split()
    text = " ".join(lines)
    for parameter in KEYS[command]:
        assert f"{parameter.flag} " in text or f"{parameter.flag} / " in text
        assert parameter.doc[:25] in text
        for option in parameter.options:
            assert option in text
    if KEYS[command] is SETTINGS:
        assert "--base-model unet|recurrent" in text
    switches = [parameter for parameter in KEYS[command] if parameter.is_switch]
    assert all(f"--no-{parameter.key} " in text for parameter in switches)


def test_the_version_is_shown(auralflow):
    assert auralflow("--version").out == f"auralflow {__version__}\n"
