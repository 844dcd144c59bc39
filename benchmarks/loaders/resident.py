"""Resident memory of a process that loads, by the number of tracks it loads from."""

import gc
import json
import subprocess
import sys
from pathlib import Path

from loaders.music import write_tiny_tracks

__all__ = ["report_memory", "resident_megabytes"]

_SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
import torch
from loaders.resident import proportional_megabytes, resident_megabytes
from loaders.sides import our_chunks, our_loader
torch.set_num_threads(1)
chunks = our_chunks(Path(sys.argv[1]))
batches = our_loader(chunks, 0)
for _ in range(int(sys.argv[3])):
    next(batches)
print(json.dumps([resident_megabytes(), proportional_megabytes()]))
"""


def resident_megabytes() -> float:
    """What of this process is in memory."""
    gc.collect()
    return _kilobytes(Path("/proc/self/status"), "VmRSS") / 1024


def proportional_megabytes() -> float:
    """The same, with what several processes share divided among them."""
    return _kilobytes(Path("/proc/self/smaps_rollup"), "Pss") / 1024


def _kilobytes(path: Path, name: str) -> int:
    lines = path.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def report_memory(root: Path, *, batches: int) -> None:
    """Load as many batches from few tracks and from many, and print what the process has in memory then."""
    print("\n| tracks | batches | resident, MB | proportional, MB |\n|---|---|---|---|")
    for tracks in (4, 40, 400):
        folder = root / str(tracks)
        write_tiny_tracks(folder, tracks=tracks, seconds=240)
        words = [sys.executable, "-c", _SCRIPT, str(folder), str(Path(__file__).parents[1])]
        printed = subprocess.run([*words, str(batches)], check=True, capture_output=True, text=True)
        resident, proportional = json.loads(printed.stdout.splitlines()[-1])
        print(f"| {tracks} | {batches} | {resident:.0f} | {proportional:.0f} |", flush=True)
