"""Training and separating on a GPU: `python benchmarks/gpu.py [PART …] [--quick]`.

PARTs are training: our whole training beside a loop as short as one writes it, with batches that lie in the GPU's memory,
in turn within one run, in float32 and bfloat16; keys: chunks a second, and the share of time spent waiting for data, with
one key of the settings changed; separation: a minute of stereo noise, from memory to memory, and how far TensorFloat-32,
which torch allows convolutions unless told otherwise, moves the stems.
"""

import math
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from auralflow.models import Separator, create
from auralflow.separation import SeparationOptions, separate_stream
from auralflow.training import train
from loaders.music import RATE
from machine import processor
from trainers.bare import side_by_side, within_new_folder
from trainers.clock import spread
from trainers.networks import FULL_HTDEMUCS, FULL_OPENUNMIX, FULL_UNET, Network
from trainers.parts import run_parts

NETWORKS = (FULL_UNET, FULL_OPENUNMIX, FULL_HTDEMUCS)
WORKERS = 8
SECONDS = 60
BLOCK = 65_536
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"deterministic": False},
    {"precision": "bfloat16"},
    {"precision": "bfloat16", "deterministic": False},
    {"pin_mem": False},
    {"workers": 1},
)


def report_training(music: Path, *, is_quick: bool) -> None:
    """Ours over the bare loop."""
    print("\nA step, ms; the bar is 1.03.\n")
    print("| network | precision | ours | bare | ratio |\n|---|---|---|---|---|")
    for network in NETWORKS:
        for precision in ("float32", "bfloat16"):
            own = replace(network, keys={**network.keys, "precision": precision})
            pairs = side_by_side(music, own, workers=WORKERS, blocks=6 if is_quick else 14)
            ours, bare = ([span.wall for span in side] for side in zip(*pairs, strict=True))
            ratio = spread([one / other for one, other in zip(ours, bare, strict=True)])
            each = " | ".join(f"{1000 * statistics.median(side):.1f}" for side in (ours, bare))
            print(f"| {network.base} | {precision} | {each} | {ratio} |", flush=True)


def report_keys(music: Path, *, is_quick: bool) -> None:
    """The second of two epochs, so that what is done once does not count."""
    print("\n| network | changed | chunks/s | waiting |\n|---|---|---|---|")
    rows = [(network, keys) for network in NETWORKS for keys in CHANGES]
    # Half a minute each, and more for networks of more levels.
    rows += [(FULL_UNET, {**keys, "compile": True}) for keys in (CHANGES[0], CHANGES[2])]
    for network, keys in rows:
        if network is FULL_UNET or keys.keys() <= {"deterministic", "precision"}:
            steps = 8 if is_quick else max(12, 240 // network.seconds)
            print(_pace(music, network, keys, steps=steps), flush=True)


def _pace(music: Path, network: Network, keys: dict[str, Any], *, steps: int) -> str:
    settings = {**network.parameters(steps=steps, workers=WORKERS), "epochs": 2, **keys}
    with within_new_folder():
        record = train(name="net", data=music, tensorboard=False, **settings).history[1]
    waiting = record["waiting_seconds"] / record["training_seconds"]
    changed = ", ".join(f"{key} {value}".lower() for key, value in keys.items()) or "nothing"
    return f"| {network.base} | {changed} | {record['chunks_per_second']:.0f} | {waiting:.1%} |"


def report_separation(music: Path, *, is_quick: bool) -> None:
    """Against the song's length, and against products of full precision."""
    del music
    print(
        "\n| network | float32, × real time | bfloat16 | TensorFloat-32 moves by |\n|---|---|---|---|"
    )
    generator = np.random.default_rng(0)
    song = generator.uniform(-0.5, 0.5, (2, SECONDS * RATE)).astype(np.float32)
    for network in NETWORKS:
        own = create(network.base, targets=network.targets, channels=2, **network.model_keys())
        own = own.eval().cuda() if torch.cuda.is_available() else own.eval()
        plain, seconds = _separated(own, song, is_quick=is_quick)
        _, half = _separated(own, song, is_quick=is_quick, precision="bfloat16")
        torch.backends.cudnn.allow_tf32 = False
        exact, _ = _separated(own, song, is_quick=True)
        torch.backends.cudnn.allow_tf32 = True
        error = float(np.linalg.norm(plain - exact) / np.linalg.norm(exact))
        moved = 20 * math.log10(max(error, 1e-9))
        speeds = " | ".join(f"{SECONDS / each:.0f}" for each in (seconds, half))
        print(f"| {network.base} | {speeds} | {moved:.0f} dB |", flush=True)


def _separated(
    network: Separator, song: np.ndarray, *, is_quick: bool, **options: Any
) -> tuple[np.ndarray, float]:
    times: list[float] = []
    stems = np.empty(0)
    for _ in range(1 if is_quick else 4):
        start = time.perf_counter()
        blocks = np.array_split(song, range(BLOCK, song.shape[1], BLOCK), axis=1)
        settings = SeparationOptions(**options)
        answers = separate_stream(network, blocks, sample_rate=RATE, channels=2, options=settings)
        stems = np.concatenate(list(answers), axis=-1)
        times.append(time.perf_counter() - start)
    # The first one chooses kernels.
    return stems, statistics.median(times[1:] or times)


def main(words: Sequence[str]) -> None:
    """Measure what is asked for, or everything."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    print(f"{processor()}, {os.cpu_count()} cores; {gpu}, PyTorch {torch.__version__}")
    for network in NETWORKS:
        print(f"{network.base}: batches of {network.batch} x {network.seconds} s, {network.keys}")
    parts = {"training": report_training, "keys": report_keys, "separation": report_separation}
    run_parts(parts, words)


if __name__ == "__main__":
    main(sys.argv[1:])
