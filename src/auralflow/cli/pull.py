"""`auralflow pull`."""

from pathlib import Path

import click

__all__ = ["command"]


@click.command("pull")
@click.argument("repository", metavar="OWNER/NAME")
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    help="Folder of the model. [default: ./NAME]",
)
@click.option("--revision", help="Branch, tag or commit. [default: main]")
@click.option("--force", is_flag=True, help="Replace a model that is in that folder.")
def command(repository: str, save: Path | None, revision: str | None, force: bool) -> None:
    """Fetch a model that `auralflow push` put into a repository on the Hugging Face Hub.

    Only its weights are read, which hold no code.
    """
    from auralflow.hub import pull

    folder = pull(repository, save=save, revision=revision, force=force)
    click.echo(folder)
    click.echo(f"Next: auralflow separate {folder.name} MY_SONG")
