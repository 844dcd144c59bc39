"""How fast songs are composed and written: their length over the CPU time of one process, beside the bar of 20.

Run it on a quiet machine: `python benchmarks/synthetic.py [SONGS]`. Each line is the median over songs of one length, in
stereo at 44.1 kHz, with the writing of their four stems and the flushing of them to the disk; the start of Python is
not counted.
"""

import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

from auralflow.audio import Encoding
from auralflow.datasets.synthetic import compose_song, song_name
from auralflow.datasets.synthetic.files import write_song
from machine import processor

BAR = 20.0
RATE = 44_100
LENGTHS = (30.0, 180.0)


def speeds(seconds: float, songs: int, encoding: Encoding) -> tuple[list[float], list[float]]:
    """Times real time for each song: composed, and composed and written."""
    composed, written = [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(songs):
            start = time.process_time()
            stems = compose_song(seed, seconds=seconds, sample_rate=RATE)
            composed.append(seconds / (time.process_time() - start))
            write_song(Path(folder) / song_name(seed), stems, sample_rate=RATE, encoding=encoding)
            written.append(seconds / (time.process_time() - start))
    return composed, written


def main() -> None:
    """Measure and print a table."""
    songs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    load = os.getloadavg()[0]
    print(f"{processor()}, {os.cpu_count()} cores, load {load:.1f}; {platform.system()}, ", end="")
    print(f"Python {platform.python_version()}; {songs} songs each, times real time on one core")
    compose_song(songs, seconds=3.0, sample_rate=RATE)
    for seconds in LENGTHS:
        for name in ("wav", "flac"):
            encoding = Encoding(name)
            composed, written = speeds(seconds, songs, encoding)
            median = statistics.median(written)
            verdict = "" if median > BAR else f"  below the bar of {BAR:g}"
            print(
                f"{seconds:5.0f} s, {name:<4}  composed {statistics.median(composed):5.1f}   and written {median:5.1f}   "
                f"(from {min(written):.1f} to {max(written):.1f}){verdict}"
            )


if __name__ == "__main__":
    main()
