"""`auralflow check`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auralflow.cli.flags import SectionedCommand, values_given
from auralflow.cli.train import run_options

if TYPE_CHECKING:
    from auralflow.training import Check

__all__ = ["command"]


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
    json: bool,
    **_: object,
) -> None:
    """Try everything that a training of MODEL will do, once, and say what it will take: memory, time, disk.

    Takes the words of `auralflow train`. Some steps are taken, a track is separated, a checkpoint is written and read back;
    nothing of the session changes. Ends with code 2 and a sentence for what would stop the run.
    """
    from auralflow.errors import OutputError
    from auralflow.training import check

    result = check(
        model,
        data=data,
        name=name,
        base=base,
        preset=preset,
        load=load,
        load_config=load_config,
        resume=resume,
        force=force,
        **values_given(click.get_current_context()),
    )
    if json:
        from json import dumps

        click.echo(dumps(result.as_plain(), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(result)))
    lacking = [room for room in result.rooms if room.bytes > room.free]
    if lacking:
        raise OutputError(
            f"{lacking[0].what} take {_size(lacking[0].bytes)} in {lacking[0].place}, where {_size(lacking[0].free)} are "
            "free: make room there, or choose another place"
        )


def _lines(found: "Check") -> Iterator[str]:
    yield f"{found.model}: everything works. Tried on {found.device}."
    yield ""
    rows = [
        (
            "network",
            f"{found.network}, {found.parameters:,} parameters, targets {', '.join(found.targets)}",
        ),
        (
            "data",
            f"{found.train_tracks} tracks to train on, {found.valid_tracks or 'none'} to validate on",
        ),
        (
            "memory",
            f"{_size(found.memory)} at batch-size {found.batch_size}, {_size(found.memory_limit)} available",
        ),
        ("largest batch", _largest(found)),
        (
            "step",
            (
                f"{_time(found.step_seconds)}, of which {found.waiting_share:.0%} waiting for data "
                f"(the first: {_time(found.first_step_seconds)})"
            ),
        ),
        (
            "epoch",
            (
                f"{_time(found.epoch_seconds)} for {found.steps:,} steps, "
                f"{_time(found.validation_seconds)} for validation"
            ),
        ),
    ]
    if found.decode_seconds:
        rows.append(("decoding", f"{_time(found.decode_seconds)}, once"))
    rows.append(("run", f"{_time(found.run_seconds)} for {found.epochs} epochs, at most"))
    rows += [
        (room.what, f"{_size(room.bytes)} of {_size(room.free)} free in {room.place}")
        for room in found.rooms
    ]
    width = max(len(title) for title, _ in rows)
    for title, text in rows:
        yield f"  {title:<{width}}  {text}"
    if found.remarks:
        yield ""
        yield from found.remarks


def _largest(found: "Check") -> str:
    if not found.measured:
        return f"{found.largest_batch}, found by trying"
    sizes = [str(size) for size in found.measured]
    by = f"batches of {', '.join(sizes[:-1])} and {sizes[-1]}" if len(sizes) > 1 else "one chunk"
    if found.largest_batch is None:
        return f"not known: {by} take the same"
    return f"about {found.largest_batch:,}, extrapolated from {by}"


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86400:.1f} days"


command = SectionedCommand(
    "check",
    callback=_run,
    help=_run.__doc__,
    params=[
        *run_options(),
        click.Option(["--json"], is_flag=True, help="Print JSON, for programs."),
    ],
)
