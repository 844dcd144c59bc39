"""Commands of commands, of which only the one that is asked for is imported."""

from collections.abc import Mapping, MutableMapping
from importlib import import_module
from typing import Any

import click

__all__ = ["Group"]


class Group(click.Group):
    """Lists its commands without importing them, shows its help when called alone, and knows the nearest name."""

    def __init__(
        self,
        name: str,
        commands: Mapping[str, tuple[str, str]],
        *,
        help: str,  # noqa: A002  (click's name)
        epilog: str | None = None,
        params: list[click.Parameter] | None = None,
        context_settings: MutableMapping[str, Any] | None = None,
    ) -> None:
        """`commands` are the module and the explanation of each, by name."""
        super().__init__(
            name,
            help=help,
            epilog=epilog,
            params=params,
            context_settings=context_settings,
            invoke_without_command=True,
            callback=_show_help,
        )
        self._modules = commands

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Names, in the order they were given."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (click's signature)
        """The command of a name, imported now."""
        if cmd_name not in self._modules:
            return None
        command: click.Command = import_module(self._modules[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (click's signature)
        """Write the list, without loading what it names."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._modules.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with the nearest name where there is no such command."""
        from auralflow.config.layers import did_you_mean

        name = args[0]
        if name not in self._modules and not name.startswith("-"):
            of_whom = f" of {self.name}" if ctx.parent is not None else ""
            hint = (
                did_you_mean(name, list(self._modules)) or f": {ctx.command_path} --help lists them"
            )
            raise click.UsageError(f"{name} is not a command{of_whom}{hint}", ctx)
        return super().resolve_command(ctx, args)


def _show_help() -> None:
    ctx = click.get_current_context()
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
