"""`auralflow create`."""

from pathlib import Path
from shlex import quote

import click

__all__ = ["command"]


@click.command("create")
@click.argument("session")
@click.option(
    "--save", type=click.Path(path_type=Path), help="The session's folder. [default: ./SESSION]"
)
def command(session: str, save: Path | None) -> None:
    """Make the folder of a session, in which models are configured, trained and compared.

    What is there already stays as it is.
    """
    from auralflow.session import create_session

    folder = create_session(save or Path(session))
    click.echo(f"Session {session} is at {folder}")
    click.echo(
        f"Next: auralflow config --model unet --name my-model --session {quote(str(folder))}"
    )
