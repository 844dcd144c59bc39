"""Speed, start and memory of loading: `python benchmarks/loader.py [PART …] [FORMAT …] [--quick]`.

Random windows of six seconds of four stems, from tracks of four minutes that are composed here, against the dataset
classes of openunmix, demucs and msst, unmodified. All loaders take turns in every round; a row gives the median over the
rounds of items a second, and of the ratio to ours in the same round, with the smallest and the largest. One thread.
`make references-loader` installs the packages. PARTs are speed, start and memory, FORMATs wav, flac and stem.mp4.
"""

import ctypes
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import torch

from auralflow.memory import keep_freed_memory
from loaders.floor import NEW, SAME, floors
from loaders.music import STEMS, compose
from loaders.resident import report_memory
from loaders.sides import BATCH, SECONDS, SIDES, Side, find_references, quietly
from loaders.starting import report_start
from models import machine

TRACKS, MINUTES = 6, 4
FORMATS = ("wav", "flac", "stem.mp4")
WORKERS = (0, 2)
OURS, PLAIN = SIDES[:2]
ROUNDS = {"wav": 7, "flac": 5, "stem.mp4": 2}


def give_memory_back() -> None:
    """Undo `keep_freed_memory`: glibc's own settings."""
    for option, value in ((-4, 65_536), (-1, 128 << 10)):
        ctypes.CDLL(None).mallopt(option, value)


def seconds_a_batch(batches: Iterator[object], before: int, least_seconds: float) -> float:
    """Mean over as many batches as take `least_seconds`, and two at least, after `before` that do not count."""
    for _ in islice(batches, before):
        pass
    start, count = time.perf_counter(), 0
    while count < 2 or time.perf_counter() - start < least_seconds:
        next(batches)
        count += 1
    return (time.perf_counter() - start) / count


def measure(
    root: Path, kind: str, workers: int, *, rounds: int, least_seconds: float
) -> dict[str, list[float]]:
    """Seconds a batch of each side, for each round."""
    sides = [side for side in SIDES if kind in side.formats]
    times: dict[str, list[float]] = {side.name: [] for side in sides}
    for number in range(rounds):
        # The other way round each time, so that a slow minute of the machine strikes no pair alone.
        for side in sides if number % 2 else reversed(sides):
            # Ours as `auralflow train` runs it, theirs as their scripts do.
            is_ours = side in (OURS, PLAIN)
            (keep_freed_memory if is_ours else give_memory_back)()
            batches = quietly(side, root / kind, kind, workers)
            # What lay ready does not count, nor does how ours gets the memory that it then keeps.
            before = 2 * workers + (11 if is_ours else 1)
            times[side.name].append(seconds_a_batch(batches, before, least_seconds))
            del batches  # and its workers
        if kind == "wav" and not workers:
            keep_freed_memory()
            for name, seconds in floors(least_seconds).items():
                times.setdefault(name, []).append(seconds)
    return times


def spread(above: list[float], below: list[float]) -> str:
    """The ratio within the rounds: median, smallest and largest."""
    ratios = [one / other for one, other in zip(above, below, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def row(kind: str, workers: int, name: str, times: dict[str, list[float]]) -> str:
    """One line of the table."""
    rate = statistics.median(BATCH / seconds for seconds in times[name])
    ratio = "" if name == OURS.name else spread(times[name], times[OURS.name])
    return f"| {kind} | {workers} | {name} | {rate:.1f} | {ratio} |"


def report_speed(root: Path, formats: Sequence[str], *, is_quick: bool) -> None:
    """Compose music, prepare it, and print the table."""
    torch.set_num_threads(1)
    start = time.perf_counter()
    compose(root, tracks=TRACKS, seconds=60 * MINUTES, formats=formats)
    print(f"{TRACKS} tracks composed in {time.perf_counter() - start:.0f} s;", end=" ")
    find_references(root / "bin", root / "stem.mp4")
    for kind in formats:
        start = time.perf_counter()
        next(_ours(root, kind))
        print(f"{kind} prepared in {time.perf_counter() - start:.1f} s;", end=" ", flush=True)
    print(f"rounds: {ROUNDS}\n\n| format | workers | loader | items/s | time: its/ours |")
    print("|---|---|---|---|---|")
    floors_over: list[str] = []
    for kind in formats:
        for workers in WORKERS:
            rounds, seconds = (2, 0.2) if is_quick else (ROUNDS[kind], 1.0)
            times = measure(root, kind, workers, rounds=rounds, least_seconds=seconds)
            for name in times:
                print(row(kind, workers, name, times), flush=True)
            for floor in {NEW, SAME} & set(times):
                ratios = [spread(times[side.name], times[floor]) for side in (PLAIN, OURS)]
                floors_over.append(f"{floor}: stems alone {ratios[0]}, all {ratios[1]}")
    print("\nTime over that of the floor:", *floors_over, sep="\n- ")


def _ours(root: Path, kind: str) -> Iterator[object]:
    side: Side = OURS
    return quietly(side, root / kind, kind, 0)


def main() -> None:
    """Measure what is asked for, or everything."""
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    is_quick = "--quick" in sys.argv
    wanted = [word for word in words if word not in FORMATS] or ["speed", "start", "memory"]
    formats = [kind for kind in FORMATS if kind in words] or FORMATS
    print(f"{machine()}; load {os.getloadavg()[0]:.1f}")
    print(f"batches of {BATCH} x {len(STEMS)} stems x {SECONDS} s, stereo, 44.1 kHz\n")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        os.environ["AURALFLOW_CACHE"] = str(root / "cache")
        if "speed" in wanted:
            report_speed(root, formats, is_quick=is_quick)
        if "start" in wanted:
            report_start(root / "many", tracks=1000 if is_quick else 10_000)
        if "memory" in wanted:
            report_memory(root / "memory", batches=20 if is_quick else 100)


if __name__ == "__main__":
    main()
