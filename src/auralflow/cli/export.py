"""`auralflow export`."""

from pathlib import Path

import click

from auralflow.exporting.formats import FORMATS, PRECISIONS, Format, Precision

__all__ = ["command"]

_PATH = click.Path(path_type=Path)


def _run(
    *,
    model: Path,
    format: Format,  # noqa: A002  (as the flag is called)
    save: Path | None,
    segment: float,
    dynamic: bool,
    precision: Precision,
    force: bool,
) -> None:
    """Write MODEL, a folder, name or checkpoint, to a file for others.

    ONNX and archives of torch.export run without auralflow: Fourier transforms stay outside, and what is to be done
    around the file stands in its metadata. A file of safetensors holds weights and configuration for auralflow itself. Each
    is opened, run and compared with the network before it is kept. See docs/export.md for who can be exported, and
    examples/run-onnx for a program that separates with such a file.
    """
    from auralflow.exporting import export

    done = export(
        model,
        format=format,
        save=save,
        segment=segment,
        dynamic=dynamic,
        precision=precision,
        force=force,
    )
    if format == "safetensors":
        size = done.path.stat().st_size / 1e6
        click.echo(f"{', '.join(done.description['targets'])} → {done.path}")
        click.echo(
            f"  {size:.1f} MB of {precision}; differs from the network by {done.difference:.1e}"
        )
        return
    facts = done.description
    longest, shortest = facts["longest"], facts["shortest"]
    lengths = f"{shortest:,} samples" if shortest == longest else f"from {shortest:,} samples on"
    if longest is not None and shortest != longest:
        lengths = f"{shortest:,} to {longest:,} samples"
    items = "any number of items" if facts["batch"] is None else f"{facts['batch']} item at a time"
    click.echo(f"{facts['network']} for {', '.join(facts['targets'])} → {done.path}")
    click.echo(f"  takes {items}, {lengths}; differs from the network by {done.difference:.1e}")


command = click.Command(
    "export",
    callback=_run,
    help=_run.__doc__,
    params=[
        click.Argument(["model"], type=_PATH),
        click.Option(
            ["--format"],
            type=click.Choice(FORMATS),
            default="onnx",
            help="ONNX, for onnxruntime and others, an archive that torch.export.load reads, or weights. [default: onnx]",
        ),
        click.Option(
            ["--save"],
            type=_PATH,
            help="File, whose ending is added, or folder for it. [default: the model's name, here]",
        ),
        click.Option(
            ["--segment"],
            type=float,
            default=8.0,
            help="Length in seconds that mixtures should have, and must where it is fixed. [default: 8]",
        ),
        click.Option(
            ["--dynamic/--no-dynamic"],
            default=True,
            help="Take any length and any number of items, where the exporter can; else one segment. [default: true]",
        ),
        click.Option(
            ["--precision"],
            type=click.Choice(PRECISIONS),
            default="float32",
            help="What safetensors rounds kernels and matrices to. [default: float32]",
        ),
        click.Option(["--force"], is_flag=True, help="Write over a file that exists."),
    ],
)
