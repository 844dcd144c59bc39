"""`auralflow separate`."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from auralflow.cli.flags import SectionedCommand, section_options, values_given
from auralflow.separation.config import SeparationConfig

__all__ = ["command"]

_PATH = click.Path(path_type=Path)


def _run(
    *,
    words: tuple[Path, ...],
    models: tuple[Path, ...],
    save: Path,
    force: bool,
    cuda: bool,
    **_: object,
) -> None:
    """Split songs, and all songs below folders, into stems.

    The first word is the model: a folder, a checkpoint, a name of yours or one that `auralflow download` lists, or a YAML
    file of several that answer together. With --model, all words are songs. A song called - comes by standard input.

    Each song gets a folder with one file a stem, and `residual`, which is what is left of the song. Stems have the
    song's rate, channels, length and tags, and together they sum to it. What was done before in the same way is skipped. A
    song that cannot be read is named and left out; the exit code is then 1.
    """
    from auralflow.cli.separated import print_outcome
    from auralflow.cli.terminal import bytes_bar, samples_bar
    from auralflow.separation import open_networks, separate_songs
    from auralflow.separation.piping import STANDARD, arrived, send, sent_file
    from auralflow.separation.sharing import ending_together, share_of_environment, use_own_gpu

    context = click.get_current_context()
    is_piped = save == STANDARD
    config = _config(values_given(context), is_piped=is_piped)
    order, options = config.order(), config.options()
    named, songs = _told_apart(words, models)
    share = share_of_environment()
    use_own_gpu()
    with ExitStack() as stack:
        stack.enter_context(ending_together(share))
        with bytes_bar() as fetching:
            network = open_networks(*named, cuda=cuda, progress=fetching)
        chosen = ""
        if is_piped:
            chosen = sent_file(network, order, options, songs=len(songs))
            save = Path(stack.enter_context(TemporaryDirectory(prefix="auralflow-")))
        sources = [
            stack.enter_context(arrived()) if song == STANDARD else song.expanduser()
            for song in songs
        ]
        with samples_bar() as progress:
            outcome = separate_songs(
                network,
                sources,
                save.expanduser(),
                order=order,
                force=force,
                options=options,
                jobs=config.jobs,
                share=share,
                progress=progress,
            )
        print_outcome(outcome, sent=chosen)
        if is_piped:
            send(outcome.results[0].files[chosen])
    if outcome.failures:
        context.exit(1)


def _config(flags: Mapping[str, Any], *, is_piped: bool) -> SeparationConfig:
    """The section, where what was not asked for follows from what was."""
    from auralflow.config import Layer, resolve

    config = resolve(SeparationConfig, [Layer("flag", flags)]).value
    changes: dict[str, Any] = {}
    if config.mixture_minus and not config.targets:
        changes["targets"] = config.mixture_minus
    if (
        "residual" not in flags
        and config.format != "stem.mp4"
        and (is_piped or config.mixture_minus)
    ):
        changes["residual"] = False
    return config.model_copy(update=changes)


def _told_apart(
    words: tuple[Path, ...], models: tuple[Path, ...]
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """The networks and the songs."""
    if not models:
        models, words = words[:1], words[1:]
    if not words:
        raise click.UsageError(
            f"no song is named besides the model {models[0]}: add a file, a folder, or - for standard input"
        )
    if words.count(Path("-")) > 1:
        raise click.UsageError("standard input, -, is named more than once: name it once")
    return models, words


command = SectionedCommand(
    "separate",
    callback=_run,
    help=_run.__doc__,
    params=[
        click.Argument(["words"], type=_PATH, nargs=-1, required=True, metavar="[MODEL] SONG..."),
        click.Option(
            ["--model", "models"],
            type=_PATH,
            multiple=True,
            help="The model, in place of the first word; given more than once, the mean of what they say.",
        ),
        click.Option(
            ["--save"],
            type=_PATH,
            default=Path("separated"),
            help="Folder for the stems, or - for standard output. [default: ./separated]",
        ),
        click.Option(
            ["--force"],
            is_flag=True,
            help="Write over files that exist, and do again what is done.",
        ),
        click.Option(
            ["--cuda/--no-cuda"], default=True, help="Use a GPU where one is. [default: true]"
        ),
        *section_options(SeparationConfig, "Separation"),
    ],
)
