"""`auralflow separate`."""

import math
from pathlib import Path

import click

from auralflow.cli.flags import SectionedCommand, section_options, values_given
from auralflow.separation.config import SeparationConfig

__all__ = ["command"]

_PATH = click.Path(path_type=Path)


def _run(
    *,
    model: Path,
    source: Path,
    save: Path,
    force: bool,
    cuda: bool,
    **_: object,
) -> None:
    """Split SOURCE, a song or a folder of songs, into stems, by MODEL: a folder, name or checkpoint.

    MODEL can also be a name that `auralflow download` lists, whose weights are then fetched. Each song gets a folder with one file a stem, and `residual`, which is what is left of the song. Stems have the
    song's rate, channels and length, and together they sum to it. In a folder, a song that cannot be read is named
    and left out; the exit code is then 1.
    """
    from auralflow.cli.terminal import bytes_bar, samples_bar
    from auralflow.config import Layer, resolve
    from auralflow.separation import separate_tree
    from auralflow.separation.opening import open_networks

    context = click.get_current_context()
    config = resolve(SeparationConfig, [Layer("flag", values_given(context))]).value
    with bytes_bar() as fetching:
        network = open_networks(model, cuda=cuda, progress=fetching)
    with samples_bar() as progress:
        outcome = separate_tree(
            network,
            source.expanduser(),
            save.expanduser(),
            encoding=config.encoding(),
            residual=config.residual,
            overs=config.overs,
            force=force,
            options=config.options(),
            progress=progress,
        )
    for result in outcome.results:
        click.echo(f"{result.source.name} → {next(iter(result.files.values())).parent}")
        click.echo(f"  {', '.join(path.name for path in result.files.values())}")
        if result.gain != 1.0:
            click.echo(
                f"  all stems rescaled by {20 * math.log10(result.gain):.2f} dB to fit full scale"
            )
        elif result.overs and config.encoding().clips:
            click.echo(
                f"  {result.overs} samples beyond full scale (peak {result.peak:.3f}) were clipped: "
                "keep them with --format wav --bits 32, or rescale all stems with --overs rescale"
            )
    if outcome.failures:
        total = len(outcome.failures) + len(outcome.results)
        click.echo(f"{len(outcome.failures)} of {total} songs were left out:", err=True)
        for failure in outcome.failures:
            click.echo(f"  {failure.reason}", err=True)
        context.exit(1)


command = SectionedCommand(
    "separate",
    callback=_run,
    help=_run.__doc__,
    params=[
        click.Argument(["model"], type=_PATH),
        click.Argument(["source"], type=_PATH),
        click.Option(
            ["--save"],
            type=_PATH,
            default=Path("separated"),
            help="Folder for the stems. [default: ./separated]",
        ),
        click.Option(["--force"], is_flag=True, help="Write over files that exist."),
        click.Option(
            ["--cuda/--no-cuda"], default=True, help="Use a GPU where one is. [default: true]"
        ),
        *section_options(SeparationConfig, "Separation"),
    ],
)
