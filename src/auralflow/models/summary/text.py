"""A summary for people."""

from textwrap import wrap

from auralflow.models.summary.summarise import LevelSummary, Summary

__all__ = ["to_text"]

_WIDTH = 80
_LABEL_WIDTH = 18


def to_text(summary: Summary) -> str:
    """A table of the levels, and below it what holds for the whole network; 80 columns where names allow it."""
    count = len(summary.targets)
    heading = f"{summary.network} for {', '.join(summary.targets)}"
    total = LevelSummary("total", (), summary.parameters, summary.multiply_adds)
    rows = [["level", "output", "parameters", "multiply-adds"]]
    rows += [_row(level) for level in summary.levels]
    if summary.rest.parameters or summary.rest.multiply_adds:
        rows.append(_row(summary.rest))
    table = _aligned([*rows, _row(total)])
    rule = "─" * max(map(len, table))
    facts = {
        "computed for": f"{_duration(summary.samples, summary)} of {_channels(summary.channels)} at "
        f"{summary.sample_rate:,} Hz, {count} {'target' if count == 1 else 'targets'}",
        "multiply-adds": "of convolutions, matrices, recurrent layers and attention; Fourier "
        "transforms are not counted",
        "weights": f"{summary.weight_bytes / 1e6:,.1f} MB",
        "receptive field": _receptive_field(summary),
        "step": f"{summary.step:,} {'sample' if summary.step == 1 else 'samples'}"
        + (f" ({_duration(summary.step, summary)})" if summary.step > 1 else ""),
    }
    lines = [*wrap(heading, _WIDTH), "", table[0], rule, *table[1:-1], rule, table[-1], ""]
    for label, text in facts.items():
        lines += wrap(
            f"{label:<{_LABEL_WIDTH}}{text}", _WIDTH, subsequent_indent=" " * _LABEL_WIDTH
        )
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _row(part: LevelSummary) -> list[str]:
    shape = " × ".join(f"{size:,}" for size in part.shape)
    return [part.name, shape, f"{part.parameters:,}", _short(part.multiply_adds)]


def _aligned(rows: list[list[str]]) -> list[str]:
    """Text to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _short(count: int) -> str:
    """Three digits and a unit: `1.23 G`."""
    for power, unit in ((12, "T"), (9, "G"), (6, "M"), (3, "k")):
        # 999,600 is 1.00 M, since 1,000 k would have four digits.
        if count >= 0.9995 * 10**power:
            value = count / 10**power
            return f"{_three_digits(value)} {unit}"
    return str(count)


def _three_digits(value: float) -> str:
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:,.{decimals}f}"


def _duration(samples: int, summary: Summary) -> str:
    seconds = samples / summary.sample_rate
    return f"{seconds:.3g} s" if seconds >= 0.1 else f"{1000 * seconds:.3g} ms"


def _channels(count: int) -> str:
    return f"{count} channel" if count == 1 else f"{count} channels"


def _receptive_field(summary: Summary) -> str:
    field = summary.receptive_field
    if field.samples is None:
        return f"the whole input ({field.reason})" if field.reason else "the whole input"
    return _duration(field.samples, summary)
