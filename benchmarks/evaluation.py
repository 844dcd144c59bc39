"""BSSEval version 4 against museval: `python benchmarks/evaluation.py [RUNS] [SECONDS …]`.

Four stereo stems of composed songs in 16 bit, 60 and 240 s long, and estimates of them that are too loud, leak and clip.
museval and ours take turns, each in a process of its own with one thread. A row gives processor time (user and system)
and wall time of the measuring alone, without imports and loading, and the peak of resident memory above that of the
process with its audio loaded: float32 for ours, float64 for museval, which is what soundfile gives by itself. Medians
over the runs. `make references` installs museval.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from auralflow.datasets.synthetic import compose_song
from machine import processor

ROOT = Path(__file__).resolve().parents[1]
RATE = 44_100
SIDES = ("museval", "auralflow")


def compose(folder: Path, seconds: int) -> None:
    """Write references and estimates, (sources, channels, samples) each."""
    reference = in_16_bit(np.stack(list(compose_song(seconds, seconds=seconds).values())))
    mixture = reference.sum(0)
    leaking = 0.9 * reference + 0.08 * mixture + 0.05 * np.roll(mixture, 40, -1)
    np.save(folder / "reference.npy", reference)
    np.save(folder / "estimate.npy", in_16_bit(np.tanh(leaking)))


def in_16_bit(audio: np.ndarray) -> np.ndarray:
    """As a file of 16 bit has it, in float32."""
    return (np.round(audio * 2**15) / 2**15).astype(np.float32)


def run(folder: Path, side: str) -> dict[str, float]:
    """One measurement in a process of its own, which leaves its ratios in the folder."""
    words = [sys.executable, __file__, "--measure", side, str(folder)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def largest_difference(folder: Path) -> tuple[float, int]:
    """Between any two numbers of the sides, in dB, and how many numbers there are; NaN must meet NaN."""
    theirs, ours = (np.load(folder / f"{side}.npy") for side in SIDES)
    np.testing.assert_array_equal(np.isnan(theirs), np.isnan(ours))
    return float(np.nanmax(np.abs(theirs - ours))), int(np.isfinite(ours).sum())


def measure(side: str, folder: Path) -> None:
    """What the process of a side does."""
    estimate, reference = (np.load(folder / f"{name}.npy") for name in ("estimate", "reference"))
    function = {"museval": _museval, "auralflow": _auralflow}[side]
    call = function(estimate, reference)
    del estimate, reference
    # Make the kernel forget the peak of importing and loading.
    Path("/proc/self/clear_refs").write_text("5")
    before, processor_before, wall_before = _megabytes("VmRSS"), os.times(), time.perf_counter()
    ratios = call()
    wall, used = time.perf_counter() - wall_before, os.times()
    print(
        json.dumps(
            {
                "cpu": used.user + used.system - processor_before.user - processor_before.system,
                "wall": wall,
                "megabytes": _megabytes("VmHWM") - before,
            }
        )
    )
    np.save(folder / f"{side}.npy", np.stack(ratios))


def _museval(estimate: np.ndarray, reference: np.ndarray) -> Any:
    sys.path.append(str(ROOT / ".references"))
    # museval asks for musdb, which reads MUSDB18, on being imported.
    sys.modules.setdefault("musdb", ModuleType("musdb"))
    try:
        from museval.metrics import bss_eval
    except ImportError as error:
        raise SystemExit(f"{error}: run `make references` first") from error
    true, guess = (
        np.ascontiguousarray(audio.transpose(0, 2, 1), dtype=np.float64)
        for audio in (reference, estimate)
    )
    return lambda: bss_eval(true, guess, window=RATE, hop=RATE)[:4]


def _auralflow(estimate: np.ndarray, reference: np.ndarray) -> Any:
    import torch

    from auralflow.metrics import bss_eval

    torch.set_num_threads(1)
    guess, true = torch.from_numpy(estimate), torch.from_numpy(reference)
    return lambda: [ratio.numpy() for ratio in bss_eval(guess, true, frame=RATE)]


def _megabytes(what: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def main() -> None:
    """Measure and print the table as Markdown."""
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], Path(sys.argv[3]))
        return
    runs, *lengths = [int(word) for word in sys.argv[1:]] or [1]
    load = os.getloadavg()[0]
    print(f"{processor()}, {os.cpu_count()} cores, load {load:.1f}; median of {runs} runs\n")
    print(
        "| song | CPU s: museval, ours | ratio | wall s: museval, ours "
        "| MB above the audio: museval, ours | largest difference |"
    )
    print("|---|---|---|---|---|---|")
    for seconds in lengths or [60, 240]:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            compose(folder, seconds)
            every = [{side: run(folder, side) for side in SIDES} for _ in range(runs)]
            difference, numbers = largest_difference(folder)
        cells = {
            key: [statistics.median(one[side][key] for one in every) for side in SIDES]
            for key in ("cpu", "wall", "megabytes")
        }
        ratio = statistics.median(one["museval"]["cpu"] / one["auralflow"]["cpu"] for one in every)
        pairs = {key: f"{theirs:.0f}, {ours:.1f}" for key, (theirs, ours) in cells.items()}
        print(
            f"| {seconds} s | {pairs['cpu']} | {ratio:.1f} | {pairs['wall']} | {pairs['megabytes']} "
            f"| {difference:.0e} dB in {numbers} numbers |",
            flush=True,
        )


if __name__ == "__main__":
    main()
