"""`auralflow data replay`."""

from pathlib import Path

import click

from auralflow.cli.data_options import data_option
from auralflow.cli.flags import SectionedCommand

__all__ = ["command"]

_PATH = click.Path(path_type=Path)


def _run(*, model: Path, data: tuple[Path, ...], chunk: tuple[str, ...], save: Path) -> None:
    """Write chunks that MODEL was trained on as files to be listened to, stems and mixture, augmented as they were.

    Without --chunk, those of the steps that its training has skipped because their gradients were not finite or far larger
    than usual.
    """
    from auralflow.training.replay import replay

    for entry in replay(model, data=data, save=save, chunks=[_key(text) for text in chunk]):
        tracks = ", ".join(dict.fromkeys(entry.tracks))
        click.echo(f"{entry.folder}: from {tracks}")


def _key(text: str) -> tuple[int, int]:
    epoch, colon, index = text.partition(":")
    if not (colon and epoch.isdecimal() and index.isdecimal()):
        raise click.UsageError(
            f"--chunk is {text}: give an epoch and a number, counted from 0, as 0:17"
        )
    return int(epoch), int(index)


command = SectionedCommand(
    "replay",
    callback=_run,
    help=_run.__doc__,
    params=[
        click.Argument(["model"], type=_PATH),
        data_option(),
        click.Option(
            ["--chunk"],
            multiple=True,
            metavar="EPOCH:INDEX",
            help="One chunk, both counted from 0; can be given several times.",
        ),
        click.Option(
            ["--save"],
            type=_PATH,
            default=Path("replayed"),
            help="Folder for the files. [default: ./replayed]",
        ),
    ],
)
