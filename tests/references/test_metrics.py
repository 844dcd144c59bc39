"""Metrics against msst 0.1.0, auraloss 0.4.0 and torch-log-wmse 1.1.0.

msst takes mel bands from librosa and decibels from torchaudio, which are not installed: bands are auralflow's own, which
tests/dsp/test_mel.py compares with librosa's, decibels a line below. The goldens of tests/metrics/test_reference_values.py
were made with the real ones.
"""

import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from auralflow.dsp.mel import mel_bands
from auralflow.metrics import METRICS, TrackMeter
from tests.metrics.signals import chirp
from tests.references.conftest import PACKAGES

SAMPLES = 60_000
IN_MSST = {
    "usdr": "sdr",
    "si-sdr": "si_sdr",
    "l1-freq": "l1_freq",
    "aura-stft": "aura_stft",
    "aura-mrstft": "aura_mrstft",
    "bleedless": "bleedless",
    "fullness": "fullness",
    "bleedless-mr": "bleedless_mr",
    "fullness-mr": "fullness_mr",
}


def signals() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A stereo target, an estimate of it and the mixture, with something at every frequency."""
    noise = np.random.default_rng(0).standard_normal((2, 2, SAMPLES))
    target = noise[0] * np.abs(chirp(0.001, 0, SAMPLES)) * 0.2
    mixture = target + 0.1 * noise[1] + 0.1 * chirp(0.01, 1, SAMPLES)
    estimate = 0.9 * target + 0.1 * (mixture - target)
    return tuple(each.astype(np.float32) for each in (target, estimate, mixture))


def ours(name: str) -> float:
    target, estimate, mixture = signals()
    meter = TrackMeter(["target"], 44_100, metrics=[METRICS[name]])
    for start in range(0, SAMPLES, 7001):
        span = slice(start, start + 7001)
        meter.update(estimate[None, :, span], target[None, :, span], mixture[:, span])
    return meter.result().scores["target"][name].value


class _Decibels(nn.Module):
    """torchaudio's `AmplitudeToDB` for magnitudes."""

    def __init__(self, stype: str, top_db: float) -> None:
        super().__init__()
        self.top_db = top_db

    def forward(self, magnitudes: Tensor) -> Tensor:
        decibels = 20 * magnitudes.clamp_min(1e-10).log10()
        return decibels.clamp_min(decibels.max() - self.top_db)


def _mel(*, sr: int, n_fft: int, n_mels: int) -> np.ndarray:
    return mel_bands(sr, n_fft, n_mels).numpy()


@pytest.fixture
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    modules: dict[str, dict[str, Any]] = {
        "librosa": {"filters": SimpleNamespace(mel=_mel)},
        "librosa.filters": {"mel": _mel},
        "torchaudio": {},
        "torchaudio.transforms": {"AmplitudeToDB": _Decibels, "Resample": None},
    }
    for name, contents in modules.items():
        module = ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def msst(_stand_ins: None) -> Callable[..., dict[str, float]]:
    """msst's own function, from its file: the package around it wants what is not installed."""
    place = PACKAGES / "msst" / "utils" / "metrics.py"
    spec = importlib.util.spec_from_file_location("msst_metrics", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    measure: Callable[..., dict[str, float]] = module.get_metrics
    return measure


@pytest.mark.filterwarnings("ignore:A window was not provided")
@pytest.mark.parametrize("name", sorted(IN_MSST))
def test_msst_gives_the_same_number(name, msst):
    target, estimate, mixture = signals()
    theirs = msst([IN_MSST[name]], target, estimate, mixture)[IN_MSST[name]]
    assert ours(name) == pytest.approx(theirs, abs=1e-4)


@pytest.mark.usefixtures("_stand_ins")
def test_auraloss_gives_the_same_distance():
    from auraloss.freq import MultiResolutionSTFTLoss

    target, estimate, _ = (torch.from_numpy(each)[None] for each in signals())
    theirs = MultiResolutionSTFTLoss()(estimate, target).item()
    assert ours("mrstft") == pytest.approx(theirs, abs=1e-4)


@pytest.mark.usefixtures("_stand_ins")
def test_torch_log_wmse_gives_the_same_number():
    from torch_log_wmse import LogWMSE

    target, estimate, mixture = (torch.from_numpy(each)[None] for each in signals())
    theirs = LogWMSE(sample_rate=44_100)(mixture, estimate[:, :, None], target[:, :, None]).item()
    assert ours("log-wmse") == pytest.approx(theirs, abs=1e-4)
