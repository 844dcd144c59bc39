"""`auralflow evaluate`."""

from pathlib import Path

import click

from auralflow.cli.data_options import data_option
from auralflow.cli.flags import SectionedCommand, section_options, values_given
from auralflow.separation.config import SeparationConfig

__all__ = ["command"]

_PATH = click.Path(path_type=Path)
_WRITING = ("format", "bits", "overs", "residual")


def _run(
    *,
    model: Path,
    data: tuple[Path, ...],
    split: str | None,
    save: Path | None,
    force: bool,
    skip_broken: bool | None,
    **_: object,
) -> None:
    """Separate tracks whose stems are known, and measure how near MODEL (a folder, name or checkpoint) comes.

    Prints the totals and every track, which metrics.txt has too, and metrics.json for programs. Earlier results are
    kept under a number.
    """
    from auralflow.cli.terminal import counting_bar
    from auralflow.config import Layer, resolve
    from auralflow.evaluation import evaluate, to_text

    flags = values_given(click.get_current_context())
    config = resolve(SeparationConfig, [Layer("flag", flags)]).value
    with counting_bar("evaluating") as progress:
        evaluation = evaluate(
            model,
            data=data,
            split=split,
            save=save,
            force=force,
            skip_broken=skip_broken,
            options=config.options(),
            progress=progress,
        )
    click.echo(to_text(evaluation), nl=False)
    if evaluation.skipped:
        click.get_current_context().exit(1)


command = SectionedCommand(
    "evaluate",
    callback=_run,
    help=_run.__doc__,
    params=[
        click.Argument(["model"], type=_PATH),
        data_option(),
        click.Option(
            ["--split"],
            metavar="train|valid|test|all",
            help="Tracks to measure on. [default: test tracks, else what training has not seen]",
        ),
        click.Option(
            ["--save", "--metrics", "save"],
            type=_PATH,
            help="Folder for metrics.txt and metrics.json. [default: the model's]",
        ),
        click.Option(
            ["--force"], is_flag=True, help="Replace earlier results, rather than keep them."
        ),
        click.Option(
            ["--skip-broken/--no-skip-broken"],
            default=None,
            help="Leave out tracks that cannot be read; the exit code is then 1. [default: as in training]",
        ),
        *section_options(SeparationConfig, "Separation", leave_out=_WRITING),
    ],
)
