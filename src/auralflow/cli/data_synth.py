"""`auralflow data synth`."""

from pathlib import Path

import click

__all__ = ["command"]

_PATH = click.Path(path_type=Path)


@click.command("synth", short_help="Compose songs, or play MIDI files, as a dataset of stems.")
@click.argument("folder", type=_PATH, default=Path("synthetic-songs"))
@click.option("--songs", type=int, metavar="N", help="How many songs to compose.")
@click.option(
    "--seconds", type=float, metavar="S", help="Length of each composed song. [default: 180]"
)
@click.option(
    "--seed", type=int, metavar="N", help="Number of the first song: each has its own. [default: 0]"
)
@click.option(
    "--test",
    type=int,
    default=0,
    metavar="M",
    help="The first M go to FOLDER/test, the rest to FOLDER/train. [default: 0]",
)
@click.option(
    "--sample-rate", type=int, default=44_100, metavar="HZ", help="In Hz. [default: 44100]"
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["wav", "flac"]),
    default="wav",
    help="How the stems are written, 16 bit each. [default: wav]",
)
@click.option("--workers", type=int, metavar="W", help="Processes. [default: one a core]")
@click.option("--force", is_flag=True, help="Make songs anew, and replace what has their names.")
@click.option("--midi", type=_PATH, help="Play a MIDI file, or those in a folder, instead.")
@click.option(
    "--soundfont",
    type=_PATH,
    help="The .sf2 file that plays them. [default: AURALFLOW_SOUNDFONT, or what auralflow[midi] brings]",
)
@click.option(
    "--stems",
    type=click.Choice(["four", "families"]),
    default="four",
    help="Drums, bass, other and vocals, or a stem for each family of instruments. [default: four]",
)
@click.option("--vocals-track", metavar="NAME", help="The track of a MIDI file that is sung.")
def command(
    *,
    folder: Path,
    songs: int | None,
    seconds: float | None,
    seed: int | None,
    test: int,
    sample_rate: int,
    format_: str,
    workers: int | None,
    force: bool,
    midi: Path | None,
    soundfont: Path | None,
    stems: str,
    vocals_track: str | None,
) -> None:
    """Compose songs into FOLDER (./synthetic-songs), each with the stems drums, bass, other and vocals.

    A song follows from its number and length alone: more songs are the same ones and others. Run the same command again
    to go on where it was stopped. With --midi, MIDI files are played by a General MIDI soundfont instead, which needs
    auralflow[midi].
    """
    composed = {"--songs": songs, "--seconds": seconds, "--seed": seed}
    played = {"--soundfont": soundfont, "--vocals-track": vocals_track}
    if midi is None and songs is None:
        raise click.UsageError(
            "say how many songs to compose with --songs, or what to play with --midi"
        )
    misplaced = composed if midi else played
    for name, value in misplaced.items():
        if value is not None:
            raise click.UsageError(
                f"{name} is for songs that are {'composed' if midi else 'played from --midi'}"
            )
    if workers is not None and workers < 1:
        raise click.UsageError(f"--workers {workers} do no work: ask for 1 or more")

    from typing import Literal, cast

    from auralflow.cli.terminal import counting_bar
    from auralflow.datasets.synthetic import plan_collection

    folder = folder.expanduser()
    encoding = cast('Literal["wav", "flac"]', format_)
    if midi is None:
        plan = plan_collection(
            folder,
            songs=songs or 0,
            seconds=180.0 if seconds is None else seconds,
            seed=seed or 0,
            test=test,
            sample_rate=sample_rate,
            format=encoding,
            force=force,
        )
    else:
        from auralflow.datasets.synthetic.midi import plan_midi_collection

        plan = plan_midi_collection(
            folder,
            source=midi.expanduser(),
            soundfont=soundfont,
            stems=cast('Literal["four", "families"]', stems),
            vocals_track=vocals_track,
            test=test,
            sample_rate=sample_rate,
            format=encoding,
            force=force,
        )
    if plan.kept:
        click.echo(f"{_songs(len(plan.kept))} there already, which stay as they are.")
    if not plan.recordings:
        click.echo(f"Nothing is left to do in {folder}.")
        return
    most = "at most " if encoding == "flac" else ""
    click.echo(
        f"Writing {_songs(len(plan.recordings))} to {folder}: {_length(plan.hours)}, {most}{_size(plan.bytes)} of {encoding}."
    )
    with counting_bar("writing") as progress:
        plan.write(workers=workers, progress=progress)
    click.echo(f"Next: auralflow train --name my-model --data {folder}")


def _songs(count: int) -> str:
    return "1 song" if count == 1 else f"{count} songs"


def _length(hours: float) -> str:
    return f"{hours:.1f} hours" if hours >= 1.0 else f"{60 * hours:.1f} minutes"


def _size(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.1f} MB"
