"""How long the demo takes, and what it reaches: `python benchmarks/demo.py [RUNS]`, each run in a folder of its own.

The bars are 5 minutes on two cores, and a vocals' SDR 6 dB above the mixture's.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run_once() -> tuple[float, float, float]:
    """Minutes on the clock, minutes of CPU, and the median gain in dB."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "AURALFLOW_CACHE": f"{folder}/cache"}
        before, start = os.times(), time.monotonic()
        command = [sys.executable, "-m", "auralflow", "demo", "--folder", f"{folder}/demo"]
        subprocess.run(command, check=True, env=environment, capture_output=True)
        minutes, after = (time.monotonic() - start) / 60, os.times()
        record = json.loads(Path(folder, "demo", "vocals", "metrics.json").read_text())
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return minutes, cpu / 60, record["summary"]["targets"]["vocals"]["sdr"]["gain_median"]


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    print(f"{machine}, load {os.getloadavg()[0]:.1f}; {runs} runs")
    results = [run_once() for _ in range(runs)]
    names = ("minutes on the clock", "minutes of CPU", "gain over the mixture in dB")
    for name, values in zip(names, zip(*results, strict=True), strict=True):
        print(
            f"{name:<28} median {statistics.median(values):.2f}   "
            f"from {min(values):.2f} to {max(values):.2f}"
        )


if __name__ == "__main__":
    main()
