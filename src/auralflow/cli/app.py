"""`auralflow app`."""

import difflib
from pathlib import Path

import click

from auralflow.app.config import AppConfig
from auralflow.cli.flags import SectionedCommand, section_options, values_given
from auralflow.config import parameters_of
from auralflow.separation.config import SONGS_KEYS, SeparationConfig

__all__ = ["command"]


def _run(*, source: Path | None, cuda: bool, **_: object) -> None:
    """Open a web page that separates songs, until Ctrl-C.

    SOURCE is a session, whose trained networks the page offers, or one model: a folder, name, checkpoint or pretrained
    weights. By default it offers what the session at the current folder has, and all pretrained weights, which are fetched
    when they are first used. Nothing but this machine reaches the page unless --host says so.
    """
    from auralflow.app import serve
    from auralflow.config import Layer
    from auralflow.config.layers import check, raise_problems

    given = values_given(click.get_current_context())
    page = {key: value for key, value in given.items() if _is_of_page(key)}
    others = {key: value for key, value in given.items() if key not in page}
    config, problems = check(AppConfig, [Layer("flag", page)])
    separation, further = check(SeparationConfig, [Layer("flag", others)])
    raise_problems(problems + further)
    serve(
        source,
        config=config.value if config else None,
        separation=separation.value if separation else None,
        cuda=cuda,
        ready=lambda address: click.echo(f"The page is at {address} – Ctrl-C ends it."),
    )


def _is_of_page(key: str) -> bool:
    """Whether a key is of the page's section, or a misspelt one is likest to one of them."""
    own, others = (
        [parameter.key for parameter in parameters_of(section)]
        for section in (AppConfig, SeparationConfig)
    )
    near = difflib.get_close_matches(key, [*own, *others], n=1)
    return key in own or (key not in others and bool(near) and near[0] in own)


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
        *section_options(SeparationConfig, "Separation", leave_out=SONGS_KEYS),
    ],
)
