"""`auralflow config`."""

from pathlib import Path
from shlex import quote

import click

from auralflow.cli.flags import SectionedCommand, options_of, target_options, values_given
from auralflow.models.catalogue import ARCHITECTURES
from auralflow.settings import all_parameters, preset_names

__all__ = ["bases", "command", "parameter_options", "preset_option"]

TITLES = {"model": "The network", "data": "Audio and data", "train": "Training"}


def parameter_options() -> list[click.Parameter]:
    """A flag for every key of model, data and train; the base architecture has its own."""
    leaves = [(name, leaf) for name, leaf in all_parameters() if leaf.key != "base-model"]
    return [*target_options(), *options_of(leaves, TITLES)]


def bases() -> list[str]:
    """The short names of architectures."""
    return [alias for entry in ARCHITECTURES for alias in entry.aliases]


def preset_option() -> click.Option:
    """The flag for settings that come with the package."""
    return click.Option(
        ["--preset"],
        metavar="|".join(preset_names()),
        help="Settings that come with the package, below those of files and flags.",
    )


def _run(
    *,
    base: str | None,
    preset: str | None,
    name: str | None,
    session: Path | None,
    force: bool,
    show: bool,
    **_: object,
) -> None:
    """Write the commented YAML files of a new model; any parameter of network, data or training can be a flag.

    With --show nothing is written: what is in force is printed, each value with the place it comes from.
    """
    from auralflow.session import configure

    flags = values_given(click.get_current_context())
    if show:
        _show(base, preset, name, session, flags)
        return
    if not name:
        raise click.UsageError("the model has no name: add --name NAME")
    folder = configure(session, model=base, name=name, preset=preset, force=force, **flags)
    click.echo(f"Model {name} is at {folder}")
    for path in sorted(folder.glob("*_config.yaml")):
        click.echo(f"  {path.name}")
    click.echo(f"Next: auralflow train {quote(str(folder))} --data PATH")


def _show(
    base: str | None,
    preset: str | None,
    name: str | None,
    session: Path | None,
    flags: dict[str, object],
) -> None:
    from auralflow.config import parameters_of
    from auralflow.config.files import show_value
    from auralflow.session import find_model, load_settings
    from auralflow.settings import SECTIONS

    folder = find_model(name, session=session) if name else None
    settings = load_settings(folder, preset=preset, flags=flags, base=base)
    for section in SECTIONS:
        config = settings.section(section)
        click.echo(f"{section}:")
        for leaf in parameters_of(type(config), defaults=config):
            text = f"  {leaf.key}: {show_value(leaf.default)}"
            click.echo(f"{text:<42}  # {settings.origins.get(leaf.key, 'default')}")


command = SectionedCommand(
    "config",
    callback=_run,
    help=_run.__doc__,
    params=[
        click.Option(
            ["--model", "--base", "--base-model", "base"],
            metavar="|".join(bases()),
            help="Base architecture, or one of the classes that `auralflow models list` names. [default: unet]",
        ),
        preset_option(),
        click.Option(["--name"], help="Name of the model, and of its folder."),
        click.Option(
            ["--session"],
            type=click.Path(path_type=Path),
            help="Session folder. [default: the current folder or its parent, if it is one]",
        ),
        click.Option(["--force"], is_flag=True, help="Write over configuration files that exist."),
        click.Option(
            ["--show"], is_flag=True, help="Print what is in force, and where it comes from."
        ),
        *parameter_options(),
    ],
)
