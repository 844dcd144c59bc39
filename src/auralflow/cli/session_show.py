"""`auralflow session show`."""

import shutil
from pathlib import Path

import click

__all__ = ["command"]


@click.command("show")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--markdown", is_flag=True, help="Print a table in Markdown.")
@click.option("--json", is_flag=True, help="Print JSON, for programs.")
def command(*, path: Path | None, markdown: bool, json: bool) -> None:
    """Put all models of a session side by side.

    The settings that differ, parameters, epochs, the best validation and the medians of metrics.json. PATH is the
    session's folder, by default the current one or its parent. Exits with 1 where a model cannot be read.
    """
    from auralflow.errors import ConfigError
    from auralflow.evaluation.session_overview import look_at_session
    from auralflow.evaluation.session_table import session_to_markdown, session_to_text
    from auralflow.session import find_session

    if markdown and json:
        raise ConfigError("--markdown and --json are both given: choose one of the two")
    session = look_at_session(find_session() if path is None else path.expanduser())
    if json:
        from json import dumps

        click.echo(dumps(session.as_plain(), indent=2, ensure_ascii=False))
    elif markdown:
        click.echo(session_to_markdown(session), nl=False)
    else:
        columns = shutil.get_terminal_size().columns
        click.echo(session_to_text(session, width=columns), nl=False)
    if any(model.problem for model in session.models):
        click.get_current_context().exit(1)
