"""A report for people."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from auralflow.datasets.checking.catalogue import CHECKS
from auralflow.datasets.checking.findings import Finding
from auralflow.datasets.checking.report import Report

__all__ = ["printable", "to_text"]

_SUMMARIES = {check.name: check.summary for check in CHECKS}
_FEW_HINTS = 3
_NAME_WIDTH = 48


def to_text(report: Report, *, width: int = 80, every_hint: bool = False) -> str:
    """The findings by check and track, then how many there are.

    Of more hints than three that a check gives, the first is shown with the number of the others, unless `every_hint`.
    """
    lines: list[str] = []
    for name, group in groupby(report.findings, key=lambda finding: finding.check):
        lines += [f"{name}: {_SUMMARIES[name]}", *_section(list(group), width, every_hint), ""]
    return "\n".join([*lines, _last_line(report)]) + "\n"


def _section(findings: Sequence[Finding], width: int, every_hint: bool) -> Iterator[str]:
    hints = [finding for finding in findings if finding.severity == "hint"]
    hidden = len(hints) - 1 if len(hints) > _FEW_HINTS and not every_hint else 0
    shown = [finding for finding in findings if not hidden or finding.severity != "hint"] + hints[
        : 1 if hidden else 0
    ]
    for place, group in groupby(shown, key=_place):
        yield f"  {place}"
        for finding in group:
            stem = f"{printable(finding.stem, _NAME_WIDTH)} " if finding.stem else ""
            text = f"{finding.severity:<8}{stem}{printable(finding.message)}"
            yield from wrap(
                text,
                width,
                initial_indent="    ",
                subsequent_indent=" " * 12,
                break_on_hyphens=False,
                break_long_words=False,
            )
    if hidden:
        tracks = len({(finding.split, finding.track) for finding in hints})
        yield f"  and {hidden} hints more, in {_count(tracks, 'track')} in all: --all shows each"


def _place(finding: Finding) -> str:
    name = printable(finding.track, _NAME_WIDTH)
    return f"{name} ({finding.split})" if finding.split else name


def printable(text: str, width: int | None = None) -> str:
    """On one line, without terminal codes that a file's name may hold, and cut where it is longer than `width`."""
    text = "".join(letter if letter.isprintable() else "�" for letter in text)
    return text if width is None or len(text) <= width else f"{text[: width - 1]}…"


def _last_line(report: Report) -> str:
    looked = f"{_count(report.tracks, 'track')}, {_count(report.recordings, 'recording')}, {_duration(report.seconds)}"
    counts = report.counts
    if not report.findings:
        return f"{looked}: nothing wrong"
    found = ", ".join(_count(number, name) for name, number in counts.items())
    return f"{looked}: {found}"


def _duration(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds >= 360 else f"{seconds:.1f} s"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
