"""`auralflow models list`."""

import shutil
from textwrap import wrap

import click

__all__ = ["command"]

_WIDEST = 100


@click.command("list")
def command() -> None:
    """Print every network with its other names, its base architecture and what it is; then names of trained weights."""
    from auralflow.models.catalogue import ARCHITECTURES
    from auralflow.pretrained import PRETRAINED

    rows = [
        (
            entry.name,
            ", ".join(entry.aliases),
            str(entry.config.model_fields["base_model"].default),
            entry.summary,
        )
        for entry in ARCHITECTURES
    ]
    heading = ("network", "other names", "base", "what it is")
    widths = [max(len(row[place]) for row in (heading, *rows)) for place in range(3)]
    before = sum(widths) + 2 * len(widths)
    columns = min(_WIDEST, shutil.get_terminal_size().columns)
    for *cells, summary in (heading, *rows):
        start = "".join(f"{cell:<{width}}  " for cell, width in zip(cells, widths, strict=True))
        lines = wrap(summary, max(20, columns - before), break_on_hyphens=False)
        click.echo(start + f"\n{' ' * before}".join(lines))
    names = ", ".join(entry.name for entry in PRETRAINED if not entry.is_member)
    click.echo()
    said = (
        f"Trained by others, to separate with by name: {names}. `auralflow download` tells of each."
    )
    click.echo("\n".join(wrap(said, columns, break_on_hyphens=False)))
