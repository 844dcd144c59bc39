"""`auralflow demo`."""

from pathlib import Path

import click

__all__ = ["command"]


@click.command("demo")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("auralflow-demo"),
    help="Where everything goes. [default: ./auralflow-demo]",
)
@click.option("--force", is_flag=True, help="Replace an earlier demo in that folder.")
def command(folder: Path, force: bool) -> None:
    """Compose songs, train a network for vocals on them, measure it on songs it never heard, and separate one.

    Needs no data and no network connection, and some minutes on two cores.
    """
    from auralflow.demo import run_demo
    from auralflow.evaluation import totals_table

    result = run_demo(folder, force=force)
    totals = result.evaluation.summary.totals["vocals"]["sdr"]
    click.echo()
    click.echo(
        f"Vocals of {result.evaluation.summary.tracks} songs the network never heard, in dB:"
    )
    click.echo("\n".join(totals_table(result.evaluation)))
    click.echo()
    click.echo(
        f"The vocals' SDR is {totals.gain_median:.1f} dB above the mixture's (median over the songs)."
    )
    click.echo()
    click.echo("Listen to")
    click.echo(f"  the song     {result.mixture}")
    for name, path in result.song.files.items():
        click.echo(f"  {name:<12} {path}")
    click.echo(f"  the truth    {result.mixture.with_name('vocals.wav')}")
    click.echo("Look at")
    for path in result.pictures:
        click.echo(f"  {path}")
    click.echo(f"All numbers: {result.training.folder / 'metrics.txt'}")
    click.echo(
        f"Next: auralflow train --name my-model --data MY_STEMS, or auralflow separate {result.training.folder} MY_SONG"
    )
