"""What help costs: CPU seconds of `auralflow --help` and of each command's, beside those of Python itself.

Run it on a quiet machine: `python benchmarks/startup.py [RUNS]`. Each line is the median over the runs of user and
system time of a fresh process, compiled modules in place. The bar is 0.4 s.
"""

import os
import platform
import statistics
import subprocess
import sys

from auralflow.cli.main import COMMANDS
from machine import processor

BAR_SECONDS = 0.4


def cpu_seconds(words: list[str]) -> float:
    """User and system time of one process and those it starts."""
    before = os.times()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )


def median_seconds(words: list[str], runs: int) -> tuple[float, float]:
    """Median and worst over the runs, after one that is not counted."""
    cpu_seconds(words)
    times = [cpu_seconds(words) for _ in range(runs)]
    return statistics.median(times), max(times)


def main() -> None:
    """Measure and print a table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    load = os.getloadavg()[0]
    print(f"{processor()}, {os.cpu_count()} cores, load {load:.1f}; {platform.system()}, ", end="")
    print(f"Python {platform.python_version()}; median of {runs} runs, CPU seconds")
    program = [sys.executable, "-m", "auralflow"]
    rows = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "auralflow --help": [*program, "--help"],
    }
    rows |= {f"auralflow {name} --help": [*program, name, "--help"] for name in COMMANDS}
    for label, words in rows.items():
        median, worst = median_seconds(words, runs)
        verdict = "" if median < BAR_SECONDS else f"  above the bar of {BAR_SECONDS} s"
        print(f"{label:<28} {median:.3f}   (worst {worst:.3f}){verdict}")


if __name__ == "__main__":
    main()
