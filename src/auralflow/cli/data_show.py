"""`auralflow data show`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from auralflow.cli.data_options import data_argument, dataset_options, read_data_config
from auralflow.cli.flags import SectionedCommand

__all__ = ["command"]

_BAR = 20


def _run(*, data: tuple[Path, ...], json: bool, picture: Path | None, **_: object) -> None:
    """Say what auralflow finds in a folder: its layout, tracks, stems, hours, rates, and what may be wrong.

    DATA is a folder, a manifest, or a YAML file that describes several; more than one are taken together. Nothing is
    decoded, but for --picture. `auralflow data check` looks through the recordings themselves.
    """
    from auralflow.datasets.describing import describe
    from auralflow.datasets.sources import open_data

    config = read_data_config(skip_broken=True)
    dataset = open_data(list(data), config)
    description = describe(dataset)
    if json:
        from json import dumps

        click.echo(dumps(description.as_plain(), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(description)))
    if picture is not None:
        from auralflow.cli.terminal import counting_bar
        from auralflow.datasets.mixes import measure_mixes
        from auralflow.report import plot_mixes

        with counting_bar("measuring") as progress:
            mixes = measure_mixes(dataset, config, progress=progress)
        plot_mixes(mixes, picture)
        click.echo(f"Picture: {picture}", err=json)
    if dataset.skipped:
        click.get_current_context().exit(1)


def _lines(facts: Any) -> list[str]:
    """The description as text."""
    lines = [
        f"{facts.root}: {_count(facts.tracks, 'track')}, {_time(facts.seconds)}, layout {facts.layout}"
    ]
    for name, split in facts.splits.items():
        lines.append(f"  {name:<6} {_count(split.tracks, 'track'):>12}  {_time(split.seconds):>9}")
    if facts.alone:
        lines.append(f"  {facts.alone} of them never sounded with others: for random mixing only")
    own = "the sum of the stems"
    if facts.mixtures:
        have = "track has one of its own" if facts.mixtures == 1 else "tracks have one of their own"
        own = f"{facts.mixtures} {have}"
    lines += ["", f"  mixture  {own}", ""]
    width = max(len("stem"), *(len(name) for name in facts.stems))
    lines.append(f"  {'stem':<{width}}  tracks  recordings     time  {'':<{_BAR}}  files")
    longest = max(stem.seconds for stem in facts.stems.values())
    for name, stem in facts.stems.items():
        bar = "█" * max(1, round(_BAR * stem.seconds / longest))
        lines.append(
            f"  {name:<{width}}  {stem.tracks:>6}  {stem.recordings:>10}  {_time(stem.seconds):>7}  {bar:<{_BAR}}  "
            f"{_some(stem.formats)}, {_some(stem.rates, ' Hz')}, {_channels(stem.channels)}"
        )
    for name, parts in facts.sums.items():
        lines.append(f"  {name} = {' + '.join(parts)}")
    if facts.problems:
        lines += ["", _count(len(facts.problems), "remark") + ":"]
        lines += [f"  - {problem}" for problem in facts.problems]
    return lines


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + "s" * (number != 1)


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _some(counts: Mapping[Any, int], unit: str = "") -> str:
    return " and ".join(f"{value}{unit}" for value in counts)


def _channels(counts: Mapping[int, int]) -> str:
    names = {1: "mono", 2: "stereo"}
    return " and ".join(names.get(channels, f"{channels} channels") for channels in counts)


command = SectionedCommand(
    "show",
    callback=_run,
    help=_run.__doc__,
    params=[
        data_argument(),
        click.Option(["--json"], is_flag=True, help="Print JSON, for programs."),
        click.Option(
            ["--picture"],
            type=click.Path(path_type=Path, dir_okay=False),
            help="Measure how loud the stems are, and draw it into this PNG file.",
        ),
        *dataset_options("layout", "stems", "backend"),
    ],
)
