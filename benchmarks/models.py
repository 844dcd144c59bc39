"""Speed and memory of the networks against the packages they are compatible with: `python benchmarks/models.py [RUNS] [NAME …]`.

Both sides get the same weights and the same mixture, and are timed in turn in one process on two threads: reference,
ours, reference, … . A row gives the median of the ratios of neighbours (above 1: ours is faster), their quartiles, and
the peak memory above the loaded network of one process each. NAMEs choose the rows that begin so. `make references`
installs the packages.
"""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from auralflow.models import create
from machine import processor

ROOT = Path(__file__).resolve().parents[1]
STEMS = ("drums", "bass", "other", "vocals")
RATE = 44_100
THREADS = 2


@dataclass(frozen=True)
class Case:
    """One network on both sides."""

    name: str
    reference: Callable[[], nn.Module]
    ours: Callable[[], nn.Module]
    shape: tuple[int, ...]
    """Of what both are called on."""
    trains: bool = True


def _openunmix(reference: Any) -> nn.Module:
    network: nn.Module = reference.OpenUnmix(nb_bins=2049, nb_channels=2)
    return network


def _openunmix_all(reference: Any) -> nn.Module:
    targets = {name: reference.OpenUnmix(nb_bins=2049, nb_channels=2) for name in STEMS}
    network: nn.Module = reference.Separator(targets, niter=1)
    return network


class _OneTarget(nn.Module):
    """The part of our network that the reference has as a network of its own: magnitudes in, magnitudes out."""

    def __init__(self) -> None:
        super().__init__()
        whole: Any = create("openunmix", targets=("vocals",), channels=2)
        self.network = next(iter(whole.target_models.values()))

    def load_state_dict(self, state_dict: Any, *args: Any, **kwargs: Any) -> Any:
        return self.network.load_state_dict(state_dict, *args, **kwargs)

    def forward(self, magnitudes: Tensor) -> Tensor:
        frames_first = magnitudes.permute(3, 0, 1, 2)
        mask = torch.relu(self.network(frames_first).features)
        return (mask * frames_first).permute(1, 2, 3, 0)


def cases() -> list[Case]:
    """All rows of the table."""
    # openunmix imports torchaudio for reading files, which is not needed here.
    sys.modules.setdefault("torchaudio", ModuleType("torchaudio"))
    sys.path.append(str(ROOT / ".references"))
    try:
        from demucs.demucs import Demucs
        from demucs.hdemucs import HDemucs
        from demucs.htdemucs import HTDemucs
        from openunmix import model as openunmix
    except ImportError as error:
        raise SystemExit(f"{error}: run `make references` first") from error

    def demucs_2019() -> nn.Module:
        network: nn.Module = Demucs(
            STEMS, lstm_layers=2, gelu=False, norm_starts=6, dconv_mode=0, resample=False
        )
        return network

    second: dict[str, Any] = {"targets": STEMS, "channels": 2}
    return [
        Case("OpenUnmix, one target", lambda: _openunmix(openunmix), _OneTarget, (2, 2, 2049, 259)),
        Case(
            "OpenUnmix, four targets, Wiener",
            lambda: _openunmix_all(openunmix),
            lambda: create("openunmix", **second),
            (1, 2, 10 * RATE),
            trains=False,
        ),
        Case("Demucs, 2019", demucs_2019, lambda: create("demucs", **second), (1, 2, 6 * RATE)),
        Case(
            "Demucs, version 3",
            lambda: Demucs(STEMS),
            lambda: create("demucs", **second, **V3),
            (1, 2, 6 * RATE),
        ),
        Case(
            "HDemucs",
            lambda: HDemucs(STEMS),
            lambda: create("hdemucs", **second),
            (1, 2, 6 * RATE),
        ),
        Case(
            "HTDemucs",
            lambda: HTDemucs(STEMS, use_train_segment=False),
            lambda: create("htdemucs", **second),
            (1, 2, 6 * RATE),
        ),
    ]


V3: dict[str, Any] = {
    "activation": "gelu",
    "norm_starts": 4,
    "resample": True,
    "bottleneck": {"layers": 0},
    "residual": {"where": "encoder"},
}
"""The time branch of version 3, in our keys."""


def built(case: Case) -> tuple[nn.Module, nn.Module]:
    """Both sides with equal weights."""
    torch.manual_seed(0)
    reference = case.reference()
    ours = case.ours()
    ours.load_state_dict(reference.state_dict())
    return reference, ours


def forward(network: nn.Module, mixture: Tensor) -> Tensor:
    """One answer in eval mode."""
    network.eval()
    with torch.inference_mode():
        answer: Tensor = network(mixture)
    return answer


def forward_backward(network: nn.Module, mixture: Tensor) -> None:
    """One answer in training mode, and gradients of all weights."""
    network.train()
    network.zero_grad()
    torch.autograd.backward(network(mixture).square().mean())


PASSES: dict[str, Callable[[nn.Module, Tensor], Any]] = {
    "forward": forward,
    "forward and backward": forward_backward,
}


def mixture_of(case: Case) -> Tensor:
    """Noise; magnitudes where the network takes those."""
    noise = 0.1 * torch.randn(case.shape)
    return noise.abs() if len(case.shape) == 4 else noise


def ratios(
    case: Case, run: Callable[[nn.Module, Tensor], Any], runs: int
) -> tuple[list[float], float, float]:
    """Reference over ours for each pair of neighbours, and the medians in seconds."""
    reference, ours = built(case)
    mixture = mixture_of(case)
    times: dict[str, list[float]] = {"reference": [], "ours": []}
    for number in range(runs + 1):
        for name, network in (("reference", reference), ("ours", ours)):
            start = time.perf_counter()
            run(network, mixture)
            if number:  # the first is for warming up
                times[name].append(time.perf_counter() - start)
    pairs = [theirs / own for theirs, own in zip(times["reference"], times["ours"], strict=True)]
    return pairs, statistics.median(times["reference"]), statistics.median(times["ours"])


def largest_difference(case: Case) -> float:
    """Between the two answers, over the largest value."""
    reference, ours = built(case)
    mixture = mixture_of(case)
    theirs = forward(reference, mixture)
    return float((forward(ours, mixture) - theirs).abs().max() / theirs.abs().max())


def peak_megabytes(case: Case, side: str, run: str) -> float:
    """Memory that one pass takes above the loaded network, in a process of its own."""
    words = [sys.executable, __file__, "--memory", case.name, side, run]
    printed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    megabytes: float = json.loads(printed.splitlines()[-1])
    return megabytes


def _measure_memory(name: str, side: str, run: str) -> None:
    case = next(case for case in cases() if case.name == name)
    network = (case.reference if side == "reference" else case.ours)()
    mixture = mixture_of(case)
    with _peak() as peak:
        PASSES[run](network, mixture)
    print(json.dumps(peak()))


@contextmanager
def _peak() -> Iterator[Callable[[], float]]:
    """The growth of the process's peak resident memory, in MB."""
    before = resident_megabytes()
    yield lambda: peak_resident_megabytes() - before


def resident_megabytes() -> float:
    """What this process holds in memory, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def peak_resident_megabytes() -> float:
    """The most that this process has held in memory, in MB.

    Not what getrusage says, which is at least what the process held that began this one.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024


def machine() -> str:
    """What it ran on."""
    return f"{processor()}, {os.cpu_count()} cores, {platform.system()}, torch {torch.__version__}"


def main() -> None:
    """Measure and print the table as Markdown."""
    if sys.argv[1:2] == ["--memory"]:
        torch.set_num_threads(THREADS)
        _measure_memory(*sys.argv[2:5])
        return
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    torch.set_num_threads(THREADS)
    print(f"{machine()}; {THREADS} threads, median of {runs} pairs\n")
    print(
        "| network | pass | speed-up | quartiles | seconds: reference, ours | MB: reference, ours |"
    )
    print("|---|---|---|---|---|---|")
    differences = []
    chosen = tuple(sys.argv[2:]) or ("",)
    for case in (case for case in cases() if case.name.startswith(chosen)):
        differences.append(f"{case.name} {largest_difference(case):.0e}")
        for name, run in PASSES.items():
            if name != "forward" and not case.trains:
                continue
            pairs, theirs, own = ratios(case, run, runs)
            low, middle, high = statistics.quantiles(pairs, n=4)
            memory = [peak_megabytes(case, side, name) for side in ("reference", "ours")]
            print(
                f"| {case.name} | {name} | {middle:.2f} | {low:.2f} to {high:.2f} | {theirs:.2f}, {own:.2f} "
                f"| {memory[0]:.0f}, {memory[1]:.0f} |",
                flush=True,
            )
    print(f"\nLargest difference of the answers, relative: {'; '.join(differences)}.")


if __name__ == "__main__":
    main()
