"""Memory as the system counts it, and how it grows with the batch."""

import os
import resource
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["available_memory", "largest_batch", "peak_memory", "steepest", "workers_memory"]

_CGROUPS = Path("/sys/fs/cgroup")
_SPARE = 0.9
"""Share of what is available that is handed out: other programs grow, too."""


def available_memory() -> int:
    """Bytes that this process and its children could still take without anything being swapped out or killed.

    The least of what the machine has and of what the limits of the control groups around this process leave.
    """
    limits = [_of_machine(), *_of_groups()]
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        limits.append(soft)
    return max(0, min(limits))


def peak_memory() -> int:
    """The most bytes of memory that this process has had at once."""
    # What getrusage says is, on Linux, at least what the process had that began this one.
    if high := _field(Path("/proc/self/status"), "VmHWM"):
        return high
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def workers_memory() -> int:
    """Bytes that the children of this process take now; what they share with it is counted in shares. 0 if not known."""
    total = 0
    for task in Path("/proc/self/task").glob("*/children"):
        for child in task.read_text().split():
            total += _field(Path(f"/proc/{child}/smaps_rollup"), "Pss")
    return total


def largest_batch(
    taken: Mapping[int, int], *, batch_size: int, total: int, available: int
) -> int | None:
    """The batch at which `available` bytes are used up but for a reserve, on a straight line; None if it has no slope.

    `taken` are bytes by batch size, whose steepest step is the slope: the larger batches are, the more is lost between the
    blocks that memory is handed out in. `total` is what a run with `batch_size` takes.
    """
    slope = steepest(taken)
    if slope <= 0:
        return None
    return max(0, batch_size + int((_SPARE * available - total) // slope))


def steepest(taken: Mapping[int, int]) -> float:
    """Bytes that one more chunk takes at most, between the measured batch sizes; 0 of less than two.

    From one size to the next but one, where there are so many: what is measured lies in steps of some megabytes.
    """
    sizes = sorted(taken)
    apart = min(2, len(sizes) - 1)
    pairs = zip(sizes[:-apart], sizes[apart:], strict=True) if apart > 0 else ()
    return max(
        ((taken[large] - taken[small]) / (large - small) for small, large in pairs), default=0.0
    )


def _of_machine() -> int:
    known = _field(Path("/proc/meminfo"), "MemAvailable")
    return known or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def _of_groups(root: Path = _CGROUPS, own: Path = Path("/proc/self/cgroup")) -> list[int]:
    """What the limits of all groups around this process leave, in both versions of the interface."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return []
    left = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            base, limit, used = root, "memory.max", "memory.current"
        elif "memory" in controllers.split(","):
            base, limit, used = (
                root / "memory",
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
            )
        else:
            continue
        group = base / path.lstrip("/")
        for folder in (group, *group.parents):
            if not folder.is_relative_to(base):
                break
            bound, now = _number(folder / limit), _number(folder / used)
            if bound is not None and now is not None:
                # Pages of files are let go where memory is wanted.
                left.append(bound - now + _statistic(folder / "memory.stat", "inactive_file"))
    return left


def _number(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _statistic(path: Path, name: str) -> int:
    try:
        pairs = (line.split() for line in path.read_text().splitlines())
    except OSError:
        return 0
    return next((int(value) for key, value in pairs if key == name), 0)


def _field(path: Path, name: str) -> int:
    """A line such as `MemAvailable: 12 kB`, in bytes; 0 if it is not there."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    found = next((line for line in lines if line.startswith(f"{name}:")), None)
    return int(found.split()[1]) * 1024 if found else 0
