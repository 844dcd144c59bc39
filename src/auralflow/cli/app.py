"""`auralflow app`."""

from pathlib import Path

import click

from auralflow.app.config import AppConfig
from auralflow.cli.flags import SectionedCommand, section_options, values_given
from auralflow.config import parameters_of
from auralflow.separation.config import SeparationConfig

__all__ = ["command"]


def _run(*, source: Path | None, cuda: bool, **_: object) -> None:
    """Open a web page that separates songs, until Ctrl-C.

    SOURCE is a session, whose trained networks the page offers, or one model's folder, name or checkpoint; by default the
    session at the current folder. Nothing but this machine reaches the page unless --host says so.
    """
    from auralflow.app import serve
    from auralflow.config import Layer, resolve

    given = values_given(click.get_current_context())
    own = {parameter.key for parameter in parameters_of(AppConfig)}
    config = resolve(AppConfig, [Layer("flag", {k: v for k, v in given.items() if k in own})]).value
    separation = resolve(
        SeparationConfig, [Layer("flag", {k: v for k, v in given.items() if k not in own})]
    ).value
    serve(
        source,
        config=config,
        separation=separation,
        cuda=cuda,
        ready=lambda address: click.echo(f"The page is at {address} – Ctrl-C ends it."),
    )


command = SectionedCommand(
    "app",
    callback=_run,
    help=_run.__doc__,
    params=[
        click.Argument(["source"], type=click.Path(path_type=Path), required=False),
        click.Option(
            ["--cuda/--no-cuda"], default=True, help="Use a GPU where one is. [default: true]"
        ),
        *section_options(AppConfig, "Page"),
        *section_options(SeparationConfig, "Separation"),
    ],
)
