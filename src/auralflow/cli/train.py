"""`auralflow train`, which `trainer.py` is too."""

from pathlib import Path
from shlex import join, quote

import click

from auralflow.cli.config import bases, parameter_options, preset_option
from auralflow.cli.data_options import data_option
from auralflow.cli.flags import SectionedCommand, values_given, words_given
from auralflow.cli.main import INTERRUPTED

__all__ = ["command", "run_options"]

_PATH = click.Path(path_type=Path)


def _run(
    *,
    model: Path | None,
    data: tuple[Path, ...],
    name: str | None,
    base: str | None,
    preset: str | None,
    load: Path | None,
    load_config: tuple[Path, ...],
    resume: bool,
    force: bool,
    **_: object,
) -> None:
    """Train MODEL, a model folder or its name, on the stems in a data folder.

    The quick way, with nothing configured beforehand: `auralflow train --name N --base B --data PATH` makes the
    model's folder in the current one and trains. A flag goes before a file, a file before the default.
    """
    from auralflow.training import train

    context = click.get_current_context()
    # What it is configured with is written into a new model's folder, and need not be said again.
    is_new = name is not None and not Path(name).exists()
    result = train(
        model,
        data=data,
        name=name,
        base=base,
        preset=preset,
        load=load,
        load_config=load_config,
        resume=resume,
        force=force,
        **values_given(context),
    )
    if not result.is_first_rank:
        return
    if result.queued_again:
        click.echo(
            f"Stopped after step {result.steps}; everything is saved in {result.latest}, and the job is in the queue again"
        )
        context.exit(INTERRUPTED)
    if result.interrupted:
        click.echo(f"Stopped after step {result.steps}; everything is saved in {result.latest}")
        words = [word for place in data for word in ("--data", str(place))]
        if not is_new:
            words += [word for file in load_config for word in ("--load-config", str(file))]
            words += _option("--load", load) + _option("--preset", preset) + words_given(context)
        again = join(["auralflow", "train", str(result.folder), *words, "--resume"])
        click.echo(f"Go on with: {again}")
        context.exit(INTERRUPTED)
    minutes, seconds = divmod(round(result.seconds), 60)
    click.echo(
        f"Epoch {result.epochs}, step {result.steps}, reached in {minutes} min {seconds:02} s"
    )
    click.echo(f"Best:   {result.best or 'none, since no epoch ended with a finite loss'}")
    click.echo(f"Latest: {result.latest}")
    click.echo(f"Next:   auralflow separate {quote(str(result.folder))} SONG")


def _option(flag: str, value: object) -> list[str]:
    return [] if value is None else [flag, str(value)]


def run_options() -> list[click.Parameter]:
    """What says which run is meant, and every parameter: for all commands that take the words of this one."""
    return [
        click.Argument(["model"], type=_PATH, required=False),
        data_option(),
        click.Option(["--name"], help="Name of a new model, made in the current folder."),
        click.Option(
            ["--base", "--base-model", "base"],
            metavar="|".join(bases()),
            help="Its architecture, or one of the classes that `auralflow models list` names. [default: unet]",
        ),
        preset_option(),
        click.Option(
            ["--load"], type=_PATH, help="Folder of configuration files to take values from."
        ),
        click.Option(
            ["--load-config"],
            type=_PATH,
            multiple=True,
            help="One such file; can be given several times.",
        ),
        click.Option(["--resume"], is_flag=True, help="Go on from the latest checkpoint."),
        click.Option(
            ["--force"], is_flag=True, help="Start over, replacing the checkpoints there are."
        ),
        *parameter_options(),
    ]


command = SectionedCommand("train", callback=_run, help=_run.__doc__, params=run_options())
