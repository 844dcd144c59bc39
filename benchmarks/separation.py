"""Separating a song against the packages whose weights load here: `python benchmarks/separation.py [RUNS] [NAME …]`.

Both sides get the same weights and the same minute of stereo noise, on two threads of one process, and take turns:
reference, ours, reference, … . openunmix's `Separator` takes the song whole, as its own command does. demucs's
`apply_model` cuts it into segments of 7.8 s that overlap by a quarter, and so does ours, with its other settings as they are.
A row gives the median of the ratios of neighbours on the clock (above 1: ours is faster) with the smallest and the largest, the
same ratio in processor time, and the peak memory above the loaded network of one process each: the reference's with
the song in memory, ours from a file to files. NAMEs choose the rows that begin so. `make references` installs the packages.

`python benchmarks/separation.py --files MINUTES` separates so long a song with Open-Unmix for four stems, from file to files, and
prints the peak memory above the loaded network.
"""

import ctypes
import gc
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from numpy import ndarray
from torch import nn

import models
from auralflow.memory import returning_freed_memory
from auralflow.models import Separator, create
from auralflow.separation import SeparationOptions, separate_file, separate_stream

SECONDS = 60.0
SEGMENT = 7.8
OVERLAP = 0.25
BLOCK = 65_536


@dataclass(frozen=True)
class Case:
    """One network on both sides, and how the reference separates a song with it."""

    name: str
    network: models.Case
    theirs: Callable[[nn.Module, ndarray], ndarray]
    options: SeparationOptions


def cases() -> list[Case]:
    """All rows of the table."""
    networks = {case.name: case for case in models.cases()}
    from demucs.apply import apply_model

    def whole(network: nn.Module, song: ndarray) -> ndarray:
        with torch.inference_mode():
            answer: ndarray = network(torch.from_numpy(song)[None])[0].numpy()
        return answer

    def applied(network: nn.Module, song: ndarray) -> ndarray:
        mixture = torch.from_numpy(song)[None]
        settings: dict[str, Any] = {"shifts": 0, "overlap": OVERLAP, "segment": SEGMENT}
        answer: ndarray = apply_model(network, mixture, **settings)[0].numpy()
        return answer

    equal = SeparationOptions(segment_seconds=SEGMENT, overlap=OVERLAP)
    return [
        Case(
            "OpenUnmix, four targets, Wiener",
            networks["OpenUnmix, four targets, Wiener"],
            whole,
            SeparationOptions(),
        ),
        *(
            Case(name, networks[name], applied, equal)
            for name in ("Demucs, 2019", "Demucs, version 3", "HDemucs", "HTDemucs")
        ),
    ]


def ours(network: nn.Module, song: ndarray, options: SeparationOptions) -> ndarray:
    """The song block by block, as from a file, with the heap as it is then."""
    blocks = np.array_split(song, range(BLOCK, song.shape[1], BLOCK), axis=1)
    assert isinstance(network, Separator)
    with returning_freed_memory():
        stems = separate_stream(
            network, blocks, sample_rate=models.RATE, channels=song.shape[0], options=options
        )
        return np.concatenate(list(stems), axis=-1)


def song_of(seconds: float) -> ndarray:
    """Stereo noise with a slow swell, so that no segment is like another."""
    samples = round(seconds * models.RATE)
    generator = np.random.default_rng(0)
    swell = 0.1 * (1 + np.sin(np.linspace(0, 20, samples)))
    return (swell * generator.standard_normal((2, samples))).astype(np.float32)


def timed(run: Callable[[], ndarray]) -> tuple[float, float, ndarray]:
    """Seconds on the clock and of the processor, and the stems."""
    start, processor = time.perf_counter(), time.process_time()
    stems = run()
    return time.perf_counter() - start, time.process_time() - processor, stems


def compare(case: Case, runs: int) -> str:
    """One row of the table."""
    reference, own = models.built(case.network)
    reference.eval()
    song = song_of(SECONDS)
    case.theirs(reference, song[:, : models.RATE])
    clock, processor, deviation = [], [], 0.0
    for _ in range(runs):
        theirs_wall, theirs_cpu, theirs = timed(lambda: case.theirs(reference, song))
        ours_wall, ours_cpu, stems = timed(lambda: ours(own, song, case.options))
        clock.append(theirs_wall / ours_wall)
        processor.append(theirs_cpu / ours_cpu)
        deviation = float(np.square(stems - theirs).sum() / np.square(theirs).sum())
    memory = [peak_megabytes(case, side) for side in ("reference", "ours")]
    return (
        f"| {case.name} | {statistics.median(clock):.2f} ({min(clock):.2f} to {max(clock):.2f}) "
        f"| {statistics.median(processor):.2f} | {SECONDS / ours_wall:.1f} | {memory[0]:.0f}, {memory[1]:.0f} "
        f"| {10 * np.log10(max(deviation, 1e-20)):.0f} |"
    )


def peak_megabytes(case: Case, side: str) -> float:
    """Memory that separating the song takes above network and song, in a process of its own."""
    words = [sys.executable, __file__, "--memory", case.name, side]
    printed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return float(printed.splitlines()[-1])


def measure_memory(name: str, side: str) -> None:
    """Print the growth of this process's peak, in MB, above what one network and nothing else takes."""
    case = next(case for case in cases() if case.name == name)
    network = models.built(case.network)[side == "ours"].eval()
    song = song_of(SECONDS)
    if side == "reference":
        before = settled_megabytes()
        case.theirs(network, song)
        print(models.peak_resident_megabytes() - before)
        return
    assert isinstance(network, Separator)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "song.wav"
        soundfile.write(file, song.T, models.RATE, subtype="FLOAT")
        del song
        before = settled_megabytes()
        separate_file(network, file, Path(folder) / "stems", options=case.options)
        print(models.peak_resident_megabytes() - before)


def settled_megabytes() -> float:
    """What this process needs, in MB; its peak is counted from here on.

    Building two networks takes more than one song, and one that is gone leaves holes in the heap, which would be taken
    for memory that the song does not need.
    """
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return models.resident_megabytes()


def measure_files(minutes: int) -> None:
    """Print the growth of this process's peak in MB and the seconds for a song of noise, in 16 bit."""
    network = create("openunmix", targets=models.STEMS, channels=2)
    generator = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        song = Path(folder) / "song.wav"
        with soundfile.SoundFile(song, "w", models.RATE, 2, subtype="PCM_16") as file:
            for _ in range(60 * minutes):
                file.write((3000 * generator.standard_normal((models.RATE, 2))).astype(np.int16))
        before, start = settled_megabytes(), time.perf_counter()
        separate_file(network, song, Path(folder) / "stems")
        growth = models.peak_resident_megabytes() - before
        print(f"{minutes} min: {growth:.0f} MB, {time.perf_counter() - start:.0f} s")


def main() -> None:
    """Measure and print the table as Markdown."""
    torch.set_num_threads(models.THREADS)
    if sys.argv[1:2] == ["--files"]:
        measure_files(int(sys.argv[2]))
        return
    if sys.argv[1:2] == ["--memory"]:
        measure_memory(*sys.argv[2:4])
        return
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    chosen = tuple(sys.argv[2:]) or ("",)
    print(f"{models.machine()}; {models.THREADS} threads, {SECONDS:.0f} s, {runs} pairs\n")
    print(
        "| network | speed-up | of the processor | × real time | MB: reference, ours | deviation, dB |"
    )
    print("|---|---|---|---|---|---|")
    for case in (case for case in cases() if case.name.startswith(chosen)):
        print(compare(case, runs), flush=True)


if __name__ == "__main__":
    main()
