"""What `auralflow separate` says about the songs that it was given."""

import math
import os

import click

from auralflow.separation import FileResult, TreeResult

__all__ = ["print_outcome"]


def print_outcome(outcome: TreeResult, *, sent: str = "") -> None:
    """Tell of each song what was written, and whatever the listener should know; of failures, on standard error.

    Where a stem of this name is sent to standard output, everything is told on standard error.
    """
    for source in outcome.skipped:
        click.echo(f"{source.name}: done before (--force does it again)", err=bool(sent))
    for result in outcome.results:
        _print_result(result, sent)
    if outcome.failures:
        total = len(outcome.failures) + len(outcome.results) + len(outcome.skipped)
        click.echo(f"{len(outcome.failures)} of {total} songs were left out:", err=True)
        for failure in outcome.failures:
            click.echo(f"  {failure.reason}", err=True)


def _print_result(result: FileResult, sent: str) -> None:
    files = list(result.files.values())
    if sent:
        lines = [f"{result.source.name} → {sent} on standard output"]
    elif len(files) == 1:
        lines = [f"{result.source.name} → {files[0]}"]
    else:
        folder = os.path.commonpath([file.parent for file in files])
        names = ", ".join(str(file.relative_to(folder)) for file in files)
        lines = [f"{result.source.name} → {folder}", f"  {names}"]
    if result.start_seconds is not None:
        lines.append(
            f"  {result.seconds:g} s from {_clock(result.start_seconds)} on, where it is loudest"
        )
    found, written = result.sample_rates
    if found != written:
        lines.append(f"  at {written} Hz: opus has no {found} Hz")
    if result.gain != 1.0:
        gain_db = 20 * math.log10(result.gain)
        lines.append(f"  all stems rescaled by {gain_db:.2f} dB to fit full scale")
    elif result.clipped:
        lines.append(
            f"  {result.clipped} samples beyond full scale (peak {result.peak:.3f}) were clipped: "
            "keep them with --format wav --bits 32, or rescale all stems with --overs rescale"
        )
    for line in lines:
        click.echo(line, err=bool(sent))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f}:{rest:04.1f}"
