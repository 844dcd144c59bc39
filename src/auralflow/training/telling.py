"""A finished epoch in words."""

import math
from collections.abc import Mapping, Sequence

__all__ = ["clock_time", "epoch_facts", "packed"]

_BETWEEN = "  "
_SDR = "valid_sdr_"


def epoch_facts(
    records: Sequence[Mapping[str, float]], *, epochs: int, best_epoch: int | None
) -> list[str]:
    """What is told of the last of the epochs, of which there are to be `epochs` at most."""
    record = records[-1]
    facts = [f"loss {record['train_loss']:.4g}"]
    if not math.isnan(record["valid_loss"]):
        facts.append(f"validation {record['valid_loss']:.4g}")
    if not math.isnan(record["valid_sdr"]):
        facts.append(f"SDR {record['valid_sdr']:+.2f} dB")
    facts += [
        # A target that no validation track has is not measured.
        f"{key.removeprefix(_SDR)} {'–' if math.isnan(sdr) else f'{sdr:+.2f}'}"
        for key, sdr in record.items()
        if key.startswith(_SDR)
    ]
    facts.append(
        "best so far" if best_epoch == record["epoch"] else f"best: {best_epoch or 'none'}"
    )
    waiting = record["waiting_seconds"] / record["training_seconds"]
    recent = [entry["seconds"] for entry in records[-3:]]
    left = (epochs - record["epoch"]) * sum(recent) / len(recent)
    told_left = [f"at most {clock_time(left)} left"] if left else []
    return [
        *facts,
        f"{record['chunks_per_second']:.3g} chunks/s",
        f"{waiting:.0%} waiting",
        clock_time(record["seconds"]),
        *told_left,
    ]


def packed(heading: str, facts: Sequence[str], *, width: int | None) -> str:
    """A heading and facts, on one line or, where there is a width, on lines of it, indented as the first; no fact is split."""
    lines = [heading]
    for fact in facts:
        longer = f"{lines[-1]}{_BETWEEN}{fact}"
        if width is not None and len(longer) > width and lines[-1].strip():
            lines.append(f"{'':{len(heading)}}{_BETWEEN}{fact}")
        else:
            lines[-1] = longer
    return "\n".join(lines)


def clock_time(seconds: float) -> str:
    """As minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
