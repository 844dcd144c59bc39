"""What training costs besides the network's own step: `python benchmarks/training.py [PART …] [--quick]`.

PARTs are overhead: our whole training (loader, augmentation, step, logging, callbacks) beside a loop as short as one
writes it, on the same network with data in memory; validation: a track validated beside the same track separated to
files; trainers: ours beside the training of openunmix and of msst, each in processes of their own, on the same network,
data and batch. Everything runs in turn, on one thread, validation on two; ratios are those of neighbours: median, smallest, largest.
`make references-loader` installs the packages.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch

import models
from trainers.bare import side_by_side
from trainers.clock import Pace, Span, spread
from trainers.networks import HTDEMUCS, OPENUNMIX, Network
from trainers.parts import run_parts
from trainers.validating import validation_and_separation

BAR = 1.03
RIVALS = {OPENUNMIX: "openunmix", HTDEMUCS: "msst"}


def row(name: str, pairs: Sequence[tuple[Span, Span]]) -> str:
    """Seconds of both sides and their ratio, by the clock on the wall and by the processor's."""
    ones, others = zip(*pairs, strict=True)
    seconds = [f"{statistics.median(span.wall for span in side):.3f}" for side in (ones, others)]
    wall = spread([one.wall / other.wall for one, other in pairs])
    cpu = spread([one.cpu / other.cpu for one, other in pairs])
    return f"| {name} | {' | '.join(seconds)} | {wall} | {cpu} |"


def report_overhead(music: Path, *, is_quick: bool) -> None:
    """Ours over the bare loop."""
    print(f"\nA step, s; the bar is {BAR:g}.\n")
    print("| network, workers | ours | bare | ratio, wall | ratio, CPU |\n|---|---|---|---|---|")
    for network in RIVALS:
        for workers in (0, 1):
            pairs = side_by_side(music, network, workers=workers, blocks=8 if is_quick else 40)
            print(row(f"{network.base}, {workers}", pairs), flush=True)


def report_validation(music: Path, *, is_quick: bool) -> None:
    """Validating over separating, on as many threads as torch takes by itself: who computes beside whom shows only there."""
    torch.set_num_threads(models.THREADS)
    print("\nA track, s.\n")
    print("| network | validated | separated | ratio, wall | ratio, CPU |\n|---|---|---|---|---|")
    for network in RIVALS:
        pairs = validation_and_separation(music, network, rounds=1 if is_quick else 16)
        print(row(network.base, pairs), flush=True)


def report_trainers(music: Path, *, is_quick: bool) -> None:
    """The others over ours: above 1, ours trains on more chunks a second."""
    steps, rounds = (12, 1) if is_quick else (24, 5)
    print("\nA step, s.\n")
    print("| network, workers | other | its | ours | ratio, wall | ratio, CPU | ours, chunks/s |")
    print("|---|---|---|---|---|---|---|")
    for network, rival in RIVALS.items():
        for workers in (0, 1):
            pairs = [
                _one_round(partial(_pace, music, network, steps, workers), rival, number)
                for number in range(rounds)
            ]
            rate = network.batch / statistics.median(ours.wall for _, ours in pairs)
            line = row(f"{network.base}, {workers} | {rival}", pairs)
            print(f"{line} {rate:.2f} |", flush=True)


def _one_round(pace: Callable[[str], Pace], rival: str, number: int) -> tuple[Span, Span]:
    # The other way round each time, so that a slow minute of the machine strikes no side alone.
    order = (rival, "ours") if number % 2 else ("ours", rival)
    paces = {side: pace(side) for side in order}
    if paces[rival].parameters != paces["ours"].parameters:
        counts = ", ".join(f"{side} {pace.parameters}" for side, pace in paces.items())
        raise SystemExit(f"the networks are not the same: parameters are {counts}")
    return paces[rival].step, paces["ours"].step


def _pace(music: Path, network: Network, steps: int, workers: int, side: str) -> Pace:
    words = [sys.executable, "-m", f"trainers.{side}", str(music), str(steps), str(workers)]
    done = subprocess.run(
        [*words, network.base],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr}")
    return Pace.read(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure what is asked for, or everything."""
    parts = {
        "overhead": report_overhead,
        "validation": report_validation,
        "trainers": report_trainers,
    }
    torch.set_num_threads(1)
    print(f"{models.machine()}; load {os.getloadavg()[0]:.1f}")
    for network in RIVALS:
        print(f"{network.base}: batches of {network.batch} x {network.seconds} s, {network.keys}")
    run_parts(parts, sys.argv[1:])


if __name__ == "__main__":
    main()
