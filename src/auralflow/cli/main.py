"""The program `auralflow`: finds the command, and turns errors into one sentence and an exit code."""

import errno
import logging
import sys
from collections.abc import Sequence
from typing import Any

import click

from auralflow._version import __version__
from auralflow.cli.groups import Group
from auralflow.errors import AuralflowError

__all__ = ["main"]

COMMANDS = {
    "data": "Look at datasets, check, prepare and compose them.",
    "create": "Make the folder of a session.",
    "config": "Write a model's configuration files, or show what is in force.",
    "session": "Look at the models of a session side by side.",
    "models": "List the networks, or show what one is made of.",
    "check": "Try a training run before it begins: memory, time, disk.",
    "train": "Train a network.",
    "evaluate": "Measure a network on tracks whose stems are known.",
    "separate": "Split songs into stems.",
    "app": "Open a web page that splits songs into stems.",
    "download": "List weights that others have published, or fetch them.",
    "push": "Put a model into a repository on the Hugging Face Hub.",
    "pull": "Fetch a model from a repository on the Hugging Face Hub.",
    "export": "Write a network as ONNX, or for torch alone.",
    "demo": "Compose songs, train on them, separate one: needs no data.",
}

INTERRUPTED = 130


_PROGRAM = Group(
    "auralflow",
    {name: (f"auralflow.cli.{name}", text) for name, text in COMMANDS.items()},
    help="Train, evaluate and use networks that separate music into its sources.",
    epilog="`auralflow COMMAND --help` explains a command. --debug, anywhere, shows tracebacks.",
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            help="Show the version.",
            callback=lambda ctx, _param, value: _show_version(ctx) if value else None,
        )
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(ctx: click.Context) -> None:
    click.echo(f"auralflow {__version__}")
    ctx.exit()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and leave with its exit code: 0, 1 where part of the work failed, 2 for errors."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = ["--all" if word == "-all" else word for word in words if word != "--debug"]
    logging.basicConfig(format="%(message)s", level=logging.DEBUG if debug else logging.INFO)
    for chatty in ("matplotlib", "PIL", "fsspec", "asyncio", "tensorboard", "libav"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        code = _PROGRAM.main(words, prog_name="auralflow", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        if debug:
            raise
        click.echo("Stopped.", err=True)
        code = INTERRUPTED
    except Exception as error:
        if debug:
            raise
        click.echo(f"Error: {_sentence(error)}", err=True)
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def _sentence(error: Exception) -> str:
    if isinstance(error, AuralflowError):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return (
            f"the disk is full ({error.filename or 'while writing'}): free space and run this again"
        )
    if isinstance(error, OSError):
        return f"{error}: look at the path and its permissions"
    return f"{type(error).__name__}: {error} (not foreseen: run again with --debug and report what it shows)"


def exit_with(code: int) -> Any:
    """End a command with an exit code."""
    click.get_current_context().exit(code)
