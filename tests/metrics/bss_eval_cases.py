"""What BSSEval is compared with museval on: noise from integers, which any platform makes alike."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["CASES", "GOLDEN", "BSSCase", "golden", "noise", "noisy"]

GOLDEN = Path(__file__).parent / "golden" / "bss_eval.json"
"""museval 0.4.1's answers: `AURALFLOW_WRITE_GOLDENS=1` and `make test-references` write it anew."""


@dataclass(frozen=True)
class BSSCase:
    """One track; `estimate` and `reference` are (sources, channels, samples)."""

    name: str
    estimate: np.ndarray
    reference: np.ndarray
    frame: int
    hop: int
    filter_length: int

    def __str__(self) -> str:
        return self.name


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    """White noise between −1 and 1: the mixing function of splitmix64, counted up."""
    count = np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(seed * 1_000_003 + 1)
    mixed = count * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64).reshape(shape) / 2.0**52 - 1


def noisy(reference: np.ndarray) -> np.ndarray:
    """An estimate of every source: coloured by an echo, with some of the next source, and noise of its own."""
    echo = 0.9 * reference + 0.1 * np.roll(reference, 1, -1)
    estimate: np.ndarray = (
        echo + 0.1 * np.roll(reference, 1, 0) + 0.05 * noise(*reference.shape, seed=9)
    )
    return estimate


def _case(
    name: str,
    reference: np.ndarray,
    frame: int = 700,
    hop: int | None = None,
    filter_length: int = 64,
) -> BSSCase:
    return BSSCase(name, noisy(reference), reference, frame, hop or frame, filter_length)


def _cases() -> list[BSSCase]:
    stereo = noise(2, 2, 2600)
    cases = [
        _case("stereo, 512 taps", stereo, 1000, filter_length=512),
        _case("overlapping frames", stereo, 900, 400),
        _case("mono, three sources", noise(3, 1, 2600)),
        _case("a frame as long as the track", stereo, 2600),
        _case("shorter than a frame", stereo[..., :400], 1000),
        _case("a single source", stereo[:1]),
        _case("quiet", 1e-7 * stereo),
        _case("constant offset", stereo + 1),
    ]
    silent = stereo.copy()
    silent[0, :, 700:1400] = 0
    opposed = stereo.copy()
    opposed[1, 1, :700] = -opposed[1, 0, :700]
    equal = stereo.copy()
    equal[0, 1] = equal[0, 0]
    one_sided = stereo.copy()
    one_sided[0, 1] = 0
    return [
        *cases,
        _case("a silent frame", silent),
        _case("antiphase in a frame", opposed),
        _case("equal channels", equal),
        _case("a silent channel", one_sided),
    ]


CASES = _cases()


def golden(case: BSSCase) -> np.ndarray:
    """museval's SDR, ISR, SIR and SAR: (4, sources, frames)."""
    return np.array(json.loads(GOLDEN.read_text())[case.name])
