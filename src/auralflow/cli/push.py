"""`auralflow push`."""

import click

__all__ = ["command"]


@click.command("push")
@click.argument("model")
@click.argument("repository", metavar="OWNER/NAME")
@click.option("--licence", help="Of the weights, such as cc-by-4.0; stands on the model's card.")
@click.option("--private", is_flag=True, help="Make a new repository that only you see.")
def command(model: str, repository: str, licence: str | None, private: bool) -> None:
    """Put MODEL, a folder, name or checkpoint, into a repository on the Hugging Face Hub, with a card about it.

    The repository is made if it is not there. Log in before, with `hf auth login` or HF_TOKEN.
    """
    from auralflow.hub import push

    click.echo(push(model, repository, licence=licence, private=private))
