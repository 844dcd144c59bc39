"""Datasets of noise or of composed songs for the tests of the checks, spoilt where a test wants it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy import ndarray

from auralflow.datasets.checking import Finding, Report, check_dataset
from auralflow.datasets.config import DataConfig
from tests.datasets.music import RATE, noise, write

STEMS = ("bass", "drums", "vocals")


def stems_of(seed: int = 0, *, seconds: float = 4.0, channels: int = 2) -> dict[str, ndarray]:
    """Three stems of noise at -17 dBFS, whose sum stays below full scale."""
    return {
        name: noise(seconds, seed=10 * seed + number, channels=channels)
        for number, name in enumerate(STEMS)
    }


def write_song(
    folder: Path,
    stems: Mapping[str, ndarray],
    *,
    mixture: ndarray | None = None,
    rate: int = RATE,
    subtype: str = "PCM_16",
) -> Path:
    """The stems and a mixture, by default their sum."""
    together = np.sum(list(stems.values()), axis=0) if mixture is None else mixture
    for name, audio in {**stems, "mixture": together}.items():
        write(folder / f"{name}.wav", audio, rate=rate, subtype=subtype)
    return folder


def findings(data: Path, check: str, config: DataConfig | None = None) -> list[Finding]:
    """What one check finds."""
    return [f for f in check_dataset(data, config, workers=1).findings if f.check == check]


def only(data: Path, check: str, config: DataConfig | None = None) -> Finding:
    """The one finding of a check."""
    (finding,) = findings(data, check, config)
    return finding


def kinds(report: Report) -> set[str]:
    """Names of the checks that found something."""
    return {finding.check for finding in report.findings}


def number(finding: Finding, key: str) -> float:
    """One of the numbers of a finding."""
    return float(finding.numbers[key])
