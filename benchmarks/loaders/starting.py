"""What opening ten thousand tracks takes, the first time and the second."""

import json
import subprocess
import sys
import time
from pathlib import Path

from loaders.music import write_tiny_tracks

__all__ = ["report_start"]

_SCRIPT = """
import json, os, sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from auralflow.augment import wanted_numbers
from auralflow.datasets.loading import load_chunks, make_store
from auralflow.datasets.sources import open_data
from loaders.resident import resident_megabytes
from loaders.sides import SETTINGS
before = resident_megabytes()
times = [time.perf_counter()]
dataset = open_data(sys.argv[1], SETTINGS)
times.append(time.perf_counter())
store = make_store(SETTINGS)
store.prepare([entry for track in dataset.tracks for entry in track.recordings])
times.append(time.perf_counter())
chunks = load_chunks(dataset.tracks, store, SETTINGS, stem_names=dataset.stem_names)
times.append(time.perf_counter())
chunks.read([(0, index) for index in range(8)])
times.append(time.perf_counter())
steps = [later - earlier for earlier, later in zip(times, times[1:])]
print(json.dumps([*steps, resident_megabytes() - before]))
"""


def report_start(root: Path, *, tracks: int) -> None:
    """Write the tracks and print seconds, in a process of its own each time."""
    start = time.perf_counter()
    write_tiny_tracks(root, tracks=tracks, seconds=240)
    print(
        f"\n{tracks} tracks, {4 * tracks} files, written in {time.perf_counter() - start:.0f} s\n"
    )
    print("| start | all, s | open | prepare | load | first batch | MB |")
    print("|---|---|---|---|---|---|---|")
    for label in ("first", "second", "third"):
        words = [sys.executable, "-c", _SCRIPT, str(root), str(Path(__file__).parents[1])]
        printed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        *steps, megabytes = json.loads(printed.splitlines()[-1])
        cells = " | ".join(f"{seconds:.2f}" for seconds in (sum(steps), *steps))
        print(f"| {label} | {cells} | {megabytes:.0f} |", flush=True)
