"""`auralflow data check`."""

import shutil
from pathlib import Path

import click

from auralflow.cli.flags import SectionedCommand, section_options, values_given
from auralflow.config import parameters_of
from auralflow.datasets.config import DataConfig

__all__ = ["command"]

_PATH = click.Path(path_type=Path)
_KEYS = ("layout", "stems", "split", "valid-tracks", "test-tracks", "backend")


def _run(
    *,
    paths: tuple[Path, ...],
    skip: tuple[str, ...],
    every: bool,
    json: bool,
    save: Path | None,
    workers: int | None,
    **_: object,
) -> None:
    """Look for what is wrong with the dataset in PATH, or with several as one.

    Finds files that are broken, stems that do not sum to the mixture, are silent, clipped, swapped or of another length
    or rate, and recordings that are trained and tested on. Every file is read once. The exit code is 0 where there are
    no errors and no warnings (there may be hints), and 1 where there are.
    """
    from auralflow.cli.terminal import counting_bar
    from auralflow.config import Layer, resolve
    from auralflow.datasets.checking import check_dataset, to_text

    context = click.get_current_context()
    config = resolve(DataConfig, [Layer("flag", values_given(context))]).value
    _require_json_name(save)
    names = [name.strip() for text in skip for name in text.split(",") if name.strip()]
    with counting_bar("checking") as progress:
        report = check_dataset(paths, config, skip=names, workers=workers, progress=progress)
    from json import dumps

    plain = dumps(report.as_plain(), indent=2, ensure_ascii=False, allow_nan=False)
    if save is not None:
        from auralflow.files import write_whole

        write_whole(save.expanduser(), (plain + "\n").encode("utf-8", "backslashreplace"))
    if json:
        click.echo(plain)
    else:
        width = min(100, shutil.get_terminal_size().columns)
        click.echo(to_text(report, width=width, every_hint=every), nl=False)
    if not report.is_clean:
        context.exit(1)


def _require_json_name(save: Path | None) -> None:
    """Before the work: what is there is replaced, and should be no song."""
    from auralflow.errors import OutputError

    if save is not None and save.suffix.lower() != ".json":
        raise OutputError(f"{save} does not end in .json, as a report does: give it such a name")


command = SectionedCommand(
    "check",
    callback=_run,
    help=_run.__doc__,
    short_help="Look for what is wrong with a dataset.",
    params=[
        click.Argument(["paths"], type=_PATH, nargs=-1, required=True, metavar="PATH..."),
        click.Option(
            ["--skip"],
            multiple=True,
            metavar="NAME,NAME",
            help="Checks to leave out, by the names that the report has.",
        ),
        click.Option(["--all", "every"], is_flag=True, help="Show every hint, however many."),
        click.Option(["--json"], is_flag=True, help="Print JSON, for programs."),
        click.Option(["--save"], type=_PATH, metavar="FILE.json", help="Write the JSON here, too."),
        click.Option(
            ["--workers"],
            type=click.IntRange(min=1),
            metavar="N",
            help="Tracks to read at once. [default: one a processor, at most 8]",
        ),
        *section_options(
            DataConfig,
            "Data",
            leave_out=[p.key for p in parameters_of(DataConfig) if p.key not in _KEYS],
        ),
    ],
)
