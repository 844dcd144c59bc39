"""`auralflow data prepare`."""

from pathlib import Path

import click

from auralflow.cli.data_options import data_argument, dataset_options, read_data_config
from auralflow.cli.flags import SectionedCommand

__all__ = ["command"]

_SHOWN = 5


def _run(*, data: tuple[Path, ...], workers: int | None, dry_run: bool, **_: object) -> None:
    """Decode once what training reads, as training itself would do before its first epoch.

    DATA is a folder, a manifest, or a YAML file that describes several. Says what it takes before it starts. Interrupted,
    it goes on where it was when it is called again; several at once share the work.
    """
    import os
    import shutil

    from auralflow.cli.terminal import counting_bar
    from auralflow.datasets.loading import make_store
    from auralflow.datasets.sources import open_data

    config = read_data_config(skip_broken=True)
    dataset = open_data(list(data), config)
    store = make_store(config)
    recordings = [recording for track in dataset.tracks for recording in track.recordings]
    work = store.work(recordings)
    free = shutil.disk_usage(_existing(store.folder)).free
    click.echo(
        f"{len(set(recordings))} recordings, of which {work.recordings} are to be prepared: "
        f"{work.seconds / 3600:.2f} hours to decode, {work.bytes / 1e9:.2f} GB to write into {store.folder}, "
        f"where {free / 1e9:.0f} GB are free"
    )
    failures = {}
    if work.recordings and not dry_run:
        with counting_bar("preparing") as bar:
            failures = store.prepare(
                recordings,
                workers=workers or os.cpu_count() or 1,
                progress=lambda done, total: bar(done, total, ""),
            )
        click.echo(f"Prepared {work.recordings - len(failures)} recordings")
    reasons = [entry.reason for entry in dataset.skipped] + [
        str(error) for error in failures.values()
    ]
    for reason in reasons[:_SHOWN]:
        click.echo(f"  - {reason}", err=True)
    if len(reasons) > _SHOWN:
        click.echo(f"  and {len(reasons) - _SHOWN} more", err=True)
    if reasons:
        click.get_current_context().exit(1)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())


command = SectionedCommand(
    "prepare",
    callback=_run,
    help=_run.__doc__,
    params=[
        data_argument(),
        click.Option(["--workers"], type=click.IntRange(1), help="Threads. [default: one a core]"),
        click.Option(["--dry-run"], is_flag=True, help="Say what it would take, and do nothing."),
        *dataset_options("sample-rate", "layout", "stems", "backend", "store-limit", "sounding"),
    ],
)
