"""What augmentation costs: milliseconds for a batch of 8 items, four stems in stereo, 6 s each at 44.1 kHz.

Run it on a quiet machine: `python benchmarks/augmentation.py [RUNS] [DEVICE]`. Each is measured with every stem chosen, and with
every fourth. The share is that of the time in which the same batch is made float32 from the int16 that it is read as.
"""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

import torch

from auralflow.augment import AUGMENTATIONS, Augmentation, AugmentConfig, mix
from machine import processor

ITEMS, STEMS, CHANNELS, SECONDS, RATE = 8, 4, 2, 6, 44100


def milliseconds(work: Callable[[], object], device: str) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    if device != "cpu":
        torch.cuda.synchronize(device)
    return 1000 * (time.perf_counter() - start)


def measure(
    work: Callable[[], object], base: Callable[[], object], runs: int, device: str
) -> tuple[float, float]:
    """Median time in ms, and median ratio to the base, which runs in turn; the first pair is not counted."""
    pairs = [(milliseconds(base, device), milliseconds(work, device)) for _ in range(runs + 1)][1:]
    return (
        statistics.median(took for _, took in pairs),
        statistics.median(took / short for short, took in pairs),
    )


def numbers_for(name: str, every: int) -> torch.Tensor:
    """Numbers that choose every so many stems, and items, at a probability of a half."""
    numbers = torch.rand(ITEMS, STEMS, AUGMENTATIONS[name].numbers, generator=torch.Generator())
    chosen = (torch.arange(ITEMS)[:, None] + torch.arange(STEMS)) % every == 0
    numbers[..., 0] = torch.where(chosen, 0.0, 0.5)
    return numbers


def main() -> None:
    """Measure and print a table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    device = sys.argv[2] if len(sys.argv) > 2 else "cpu"
    load = os.getloadavg()[0]
    print(f"{processor()}, {os.cpu_count()} cores, load {load:.1f}; device {device}; ", end="")
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, ", end="")
    print(f"Python {platform.python_version()}; median of {runs} runs")
    shape = (ITEMS, STEMS, CHANNELS, SECONDS * RATE)
    raw = torch.randint(-3000, 3000, shape, dtype=torch.int16).to(device)
    base = partial(raw.to, torch.float32)
    took, share = measure(base, base, runs, device)
    print(f"{'':<16}{'all, ms':>10}{'share':>8}{'1/4, ms':>10}{'share':>8}")
    print(f"{'int16 to float32':<16}{took:>10.1f}{share:>8.1f}")
    stems = raw.to(torch.float32) / 32768
    mixture = mix(stems)
    for name, member in AUGMENTATIONS.items():
        if name in ("tempo", "pitch") and find_spec("python_stretch") is None:
            print(f'{name:<16}   pip install "auralflow[stretch]"')
            continue
        section = getattr(AugmentConfig.model_validate({name: {"probability": 0.5}}), name)
        line = f"{name:<16}"
        for every in (1, 4):
            numbers = numbers_for(name, every)
            if isinstance(member, Augmentation):
                work = partial(member.change, stems, numbers, section, RATE)
            else:
                work = partial(member.change_mixture, mixture, numbers, section, RATE)
            took, share = measure(work, base, runs, device)
            line += f"{took:>10.1f}{share:>8.1f}"
        print(line)


if __name__ == "__main__":
    main()
