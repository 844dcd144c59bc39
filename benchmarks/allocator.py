"""What giving freed memory back takes and saves: `python benchmarks/allocator.py [ROUNDS [SETTING …]]`.

A stream of stereo noise through a network, with the settings of glibc that `auralflow.memory` takes while a song is separated,
with others, and with glibc's own. Time: all settings in turn in one process, ROUNDS times; the ratio to glibc's own of the same round,
median, smallest and largest. Memory: the peak above what the network needs, each in two processes of its own. SETTINGs, such
as "8; 16", are those compared, all without any.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import torch
from numpy import ndarray

import models
from auralflow import memory
from auralflow.models import Separator, create
from auralflow.separation import SeparationOptions, separate_stream
from separation import BLOCK, OVERLAP, SEGMENT, settled_megabytes

SECONDS = {"openunmix": 30, "hdemucs": 24, "htdemucs": 24}
OWN = "glibc's own"
SETTINGS = {OWN: (32, 64), "12; 24": (12, 24), "8; 32": (8, 32), "8; 16": (8, 16), "4; 8": (4, 8)}
"""MiB from which a block has pages of its own, and MiB that may stay free at the heap's end."""


def noise(seconds: int) -> Iterator[ndarray]:
    """A song as it comes from a file."""
    generator = np.random.default_rng(0)
    for _ in range(seconds * models.RATE // BLOCK):
        yield (0.1 * generator.standard_normal((2, BLOCK))).astype(np.float32)


def network_of(name: str) -> Separator:
    """With weights of its own: what they are matters to neither time nor memory."""
    return create(name, targets=models.STEMS, channels=2)


def separate(name: str, network: Separator, setting: str) -> float:
    """Seconds for the stream."""
    own_pages, at_end = SETTINGS[setting]
    memory._RETURNING.update(
        {
            memory._MMAP_THRESHOLD: own_pages * memory._MIB,
            memory._TRIM_THRESHOLD: at_end * memory._MIB,
        }
    )
    options = SeparationOptions()
    if name != "openunmix":
        options = SeparationOptions(segment_seconds=SEGMENT, overlap=OVERLAP)
    start = time.perf_counter()
    with memory.returning_freed_memory():
        for _ in separate_stream(
            network, noise(SECONDS[name]), sample_rate=models.RATE, channels=2, options=options
        ):
            pass
    return time.perf_counter() - start


def ratios(name: str, rounds: int) -> dict[str, list[float]]:
    """Time over that with glibc's own settings, of each round."""
    network = network_of(name)
    separate(name, network, OWN)
    found: dict[str, list[float]] = {setting: [] for setting in SETTINGS}
    for _ in range(rounds):
        seconds = {setting: separate(name, network, setting) for setting in SETTINGS}
        for setting, taken in seconds.items():
            found[setting].append(taken / seconds[OWN])
    return found


def peaks(name: str, setting: str) -> list[float]:
    """MB, of two processes."""
    words = [sys.executable, __file__, "--memory", name, setting]
    runs = [subprocess.run(words, check=True, capture_output=True, text=True) for _ in range(2)]
    return sorted(float(run.stdout.splitlines()[-1]) for run in runs)


def measure_memory(name: str, setting: str) -> None:
    """Print the growth of this process's peak, in MB."""
    network = network_of(name)
    before = settled_megabytes()
    separate(name, network, setting)
    print(models.peak_resident_megabytes() - before)


def main() -> None:
    """Measure and print the table as Markdown."""
    torch.set_num_threads(models.THREADS)
    if sys.argv[1:2] == ["--memory"]:
        measure_memory(*sys.argv[2:4])
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    for setting in SETTINGS.keys() - {OWN, *(sys.argv[2:] or SETTINGS)}:
        del SETTINGS[setting]
    print(f"{models.machine()}; {models.THREADS} threads, {rounds} rounds\n")
    print("| network | own pages from; free at the end, MiB | MB | time over glibc's own |")
    print("|---|---|---|---|")
    for name in SECONDS:
        times = ratios(name, rounds)
        for setting in SETTINGS:
            low, high = peaks(name, setting)
            share = times[setting]
            print(
                f"| {name} | {setting} | {low:.0f} to {high:.0f} "
                f"| {statistics.median(share):.2f} ({min(share):.2f} to {max(share):.2f}) |",
                flush=True,
            )


if __name__ == "__main__":
    main()
