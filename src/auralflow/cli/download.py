"""`auralflow download`."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from auralflow.pretrained.catalogue import Pretrained

__all__ = ["command"]

_WIDTH = 100
_INDENT = 17


@click.command("download")
@click.argument("name", required=False)
@click.option(
    "--mirror",
    envvar="AURALFLOW_MIRROR",
    metavar="URL|FOLDER",
    help="Take the authors' files from here, under their own names. [default: $AURALFLOW_MIRROR, else the authors' place]",
)
@click.option(
    "--file",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A file of the authors that is here already; can be given several times.",
)
@click.option("--force", is_flag=True, help="Fetch again what is there.")
def command(name: str | None, mirror: str | None, files: tuple[Path, ...], force: bool) -> None:
    """Fetch the pretrained weights NAME into the cache; without NAME, list all with their licences.

    Commands that take a model take these names too, and fetch what is not there yet.
    """
    from auralflow.cli.terminal import bytes_bar
    from auralflow.pretrained import PRETRAINED, cached_path, download, find_pretrained

    if name is None:
        listed = [entry for entry in PRETRAINED if not entry.is_member]
        for entry in listed:
            here = all(
                cached_path(each).is_file()
                for each in [member for member, _ in entry.members] or [entry.name]
            )
            click.echo("\n".join([*_heading(entry, here=here), *_facts(entry), ""]))
        return
    entry = find_pretrained(name)
    with bytes_bar() as progress:
        paths = download(name, mirror=mirror, files=files, force=force, progress=progress)
    click.echo("\n".join([*_heading(entry, here=True), *_facts(entry), *map(str, paths)]))


def _heading(entry: "Pretrained", *, here: bool) -> Iterator[str]:
    size = "size unknown" if entry.size is None else f"{entry.size / 1e6:.0f} MB"
    state = "in the cache" if here else size
    if entry.is_shipped:
        state = "in the package"
    yield f"{entry.name:<{_INDENT - 2}}  {', '.join(entry.targets)}  ({entry.architecture}, {state})"


def _facts(entry: "Pretrained") -> Iterator[str]:
    facts = {
        "what": entry.what,
        "licence": entry.licence,
        "trained on": entry.trained_on,
        "score": entry.score or "unknown",
        "source": entry.source,
    }
    for name, text in facts.items():
        first, *rest = wrap(text, _WIDTH - _INDENT, break_on_hyphens=False)
        yield f"  {name:<{_INDENT - 2}}{first}"
        yield from (" " * _INDENT + line for line in rest)
