"""`auralflow data clear`."""

from pathlib import Path

import click

from auralflow.cli.data_options import data_argument, dataset_options, read_data_config
from auralflow.cli.flags import SectionedCommand

__all__ = ["command"]


def _run(*, data: tuple[Path, ...], **_: object) -> None:
    """Remove what was decoded for a dataset, or for all of them where none is named.

    Music is never touched: these are copies in auralflow's own folder, which are made again when they are wanted.
    """
    from auralflow.datasets.loading import make_store
    from auralflow.datasets.sources import open_data

    config = read_data_config(skip_broken=True)
    store = make_store(config)
    recordings = None
    if data:
        tracks = open_data(list(data), config).tracks
        recordings = [recording for track in tracks for recording in track.recordings]
    freed = store.clear(recordings)
    click.echo(
        f"Removed {freed / 1e9:.2f} GB; {store.folder} now holds {store.size() / 1e9:.2f} GB"
    )


command = SectionedCommand(
    "clear",
    callback=_run,
    help=_run.__doc__,
    params=[data_argument(required=False), *dataset_options("layout", "stems", "backend")],
)
