"""`auralflow models show`."""

import click

from auralflow.cli.config import TITLES
from auralflow.cli.flags import SectionedCommand, options_of, target_options, values_given
from auralflow.settings import Settings, all_parameters

__all__ = ["command"]


def _run(*, name: str, json: bool, **_: object) -> None:
    """Print what NAME is made of: each level's output, parameters and multiply-adds, and how far it hears.

    NAME is one that `auralflow models list` knows, or else a model's folder or its name, whose configuration is then
    in force. Any parameter of network or data can be a flag. Targets that are all stems of a dataset count as four.
    """
    settings = _settings_of(name, values_given(click.get_current_context()))

    from auralflow.checkpoints import build_network
    from auralflow.datasets.targets import STANDARD_STEMS, parse_targets
    from auralflow.models.summary import summarise, to_text

    words = settings.data.targets
    everything = "all" in (words if isinstance(words, tuple) else (words,))
    targets = parse_targets(words, STANDARD_STEMS if everything else None)
    summary = summarise(build_network(settings, targets))
    if json:
        from json import dumps

        click.echo(dumps(summary.as_plain(), indent=2))
    else:
        click.echo(to_text(summary), nl=False)


def _settings_of(name: str, flags: dict[str, object]) -> Settings:
    """The settings of an architecture, or of a model folder, under the flags."""
    from pathlib import Path

    from auralflow.config.layers import did_you_mean
    from auralflow.errors import ConfigError, SessionError
    from auralflow.models.catalogue import base_names, find_architecture
    from auralflow.session import find_model, load_settings
    from auralflow.session.folder import models_in

    try:
        find_architecture(name)
    except ConfigError:
        try:
            folder = find_model(name)
        except SessionError:
            folders = [*models_in(Path.cwd()), *models_in(Path.cwd().parent)]
            hint = did_you_mean(name, [*(folder.name for folder in folders), *base_names()])
            raise ConfigError(
                f"{name} is neither a network nor a model folder here{hint}: choose a name that `auralflow models list` "
                "prints, or give the path of a folder with a configuration"
            ) from None
        return load_settings(folder, flags=flags)
    return load_settings(base=name, flags=flags)


def _parameters() -> list[click.Parameter]:
    """A flag for every key of model and data."""
    leaves = [
        (section, leaf)
        for section, leaf in all_parameters()
        if section != "train" and leaf.key != "base-model"
    ]
    return [*target_options(), *options_of(leaves, TITLES)]


command = SectionedCommand(
    "show",
    callback=_run,
    help=_run.__doc__,
    params=[
        click.Argument(["name"]),
        click.Option(["--json"], is_flag=True, help="Print JSON, for programs."),
        *_parameters(),
    ],
)
