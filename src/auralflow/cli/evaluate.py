"""`auralflow evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auralflow.cli.data_options import data_option
from auralflow.cli.flags import SectionedCommand, section_options, values_given
from auralflow.separation.config import FILE_KEYS, SeparationConfig

if TYPE_CHECKING:
    from auralflow.evaluation import Comparison, Evaluation

__all__ = ["command"]

_PATH = click.Path(path_type=Path)


def _run(
    *,
    models: tuple[Path, ...],
    data: tuple[Path, ...],
    estimates: tuple[Path, ...],
    oracles: str | None,
    split: str | None,
    tracks: tuple[str, ...],
    metrics: str | None,
    save: Path | None,
    formats: str | None,
    force: bool,
    skip_broken: bool | None,
    cuda: bool,
    processes: int,
    resume: bool,
    report: Path | None,
    report_tracks: int,
    report_seconds: float,
    **_: object,
) -> None:
    """Separate tracks whose stems are known, and measure how near each MODEL comes.

    A MODEL is a folder, name or checkpoint, or a YAML file that lists several networks that answer together.

    Prints the totals and every track, which metrics.txt has too, and metrics.json for programs. Several models,
    estimates and oracles are compared on the same tracks, in comparison.txt and comparison.json. Earlier results are
    kept under a number. What an interrupted evaluation measured is not measured again.
    """
    from auralflow.cli.terminal import counting_bar
    from auralflow.config import Layer, resolve
    from auralflow.evaluation import compare, comparison_to_text, evaluate, to_text
    from auralflow.evaluation.choice import read_names

    flags = values_given(click.get_current_context())
    options = resolve(SeparationConfig, [Layer("flag", flags)]).value.options()
    names = [
        name
        for text in tracks
        for name in (read_names(Path(text[1:])) if text.startswith("@") else [text])
    ]
    with counting_bar("evaluating") as progress:
        shared: dict[str, Any] = {
            "data": data,
            "split": split,
            "tracks": names if tracks else None,
            "metrics": metrics,
            "save": save,
            "formats": formats or (),
            "force": force,
            "skip_broken": skip_broken,
            "options": options,
            "cuda": cuda,
            "processes": processes,
            "resume": resume,
            "progress": progress,
        }
        result: Evaluation | Comparison
        if len(models) == 1 and not estimates and not oracles:
            result = evaluate(models[0], **shared)
            text = to_text(result)
        else:
            result = compare(models, estimates=estimates, oracles=oracles or (), **shared)
            text = comparison_to_text(result)
    click.echo(text, nl=False)
    if report is not None:
        from auralflow.listening import write_listening_page

        with counting_bar("writing the page") as progress:
            written = write_listening_page(
                report,
                result,
                models=models,
                songs=report_tracks,
                seconds=report_seconds,
                progress=progress,
                data=data,
                estimates=estimates,
                oracles=oracles or (),
                split=split,
                tracks=names if tracks else None,
                skip_broken=skip_broken,
                options=options,
                cuda=cuda,
            )
        click.echo(f"Numbers and excerpts to listen to: {written}")
    if result.skipped:
        click.get_current_context().exit(1)


command = SectionedCommand(
    "evaluate",
    callback=_run,
    help=_run.__doc__,
    params=[
        click.Argument(["models"], type=_PATH, nargs=-1, metavar="[MODEL]..."),
        data_option(),
        click.Option(
            ["--estimates"],
            type=_PATH,
            multiple=True,
            help="Folder of stems that are separated already, <track>/<stem>.wav, to measure as well; can be given "
            "several times, and without any MODEL.",
        ),
        click.Option(
            ["--oracles"],
            metavar="irm,ibm,mwf|mixture|all",
            help="Measure too what ideal masks and filters, made from the truth, reach; with them the mixture itself.",
        ),
        click.Option(
            ["--split"],
            metavar="train|valid|test|all",
            help="Tracks to measure on. [default: test tracks, else what training has not seen]",
        ),
        click.Option(
            ["--tracks"],
            metavar="NAMES|@FILE",
            multiple=True,
            help="Measure on these tracks alone: names with commas between them, or a text file with one on each "
            "line; can be given several times.",
        ),
        click.Option(
            ["--metrics"],
            metavar="NAMES",
            help="Metrics with commas between them, or all; the documentation lists them. [default: default]",
        ),
        click.Option(
            ["--save"],
            type=_PATH,
            help="Folder for the results. [default: the model's; the session's for several models]",
        ),
        click.Option(
            ["--format", "formats"],
            metavar="csv,markdown,latex,museval",
            help="Write these files too; museval is a folder of files that it reads, and wants bss-eval measured.",
        ),
        click.Option(
            ["--report"],
            type=_PATH,
            metavar="FILE.html",
            help="Write a page too, with the numbers and with players for some tracks.",
        ),
        click.Option(
            ["--report-tracks"],
            type=click.IntRange(min=0),
            default=3,
            show_default=True,
            help="Tracks that the page plays: the best, the worst, and those evenly between.",
        ),
        click.Option(
            ["--report-seconds"],
            type=click.FloatRange(min=0, min_open=True),
            default=12.0,
            show_default=True,
            help="How much of each it plays, from where its stems sound most.",
        ),
        click.Option(
            ["--cuda/--no-cuda"], default=True, help="Use a GPU where one is. [default: true]"
        ),
        click.Option(
            ["--processes"],
            type=click.IntRange(min=1),
            default=1,
            show_default=True,
            help="Measure several tracks at once, each with its share of the processor.",
        ),
        click.Option(
            ["--resume/--no-resume"],
            default=True,
            help="Go on where an interrupted evaluation of the same was, or measure all anew. [default: resume]",
        ),
        click.Option(
            ["--force"], is_flag=True, help="Replace earlier results, rather than keep them."
        ),
        click.Option(
            ["--skip-broken/--no-skip-broken"],
            default=None,
            help="Leave out tracks that cannot be read; the exit code is then 1. [default: as in training]",
        ),
        *section_options(SeparationConfig, "Separation", leave_out=FILE_KEYS),
    ],
)
