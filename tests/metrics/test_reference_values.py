"""Metrics against the numbers of other packages, on the signals of tests/metrics/signals.py.

30 000 samples at 44.1 kHz in float32, the estimates 0.9 times those of `estimates`; first source, then second. The
packages themselves are asked in tests/references/test_metrics.py.
"""

import numpy as np
import pytest
import torch
from torchmetrics.functional.audio import (
    scale_invariant_signal_distortion_ratio,
    signal_noise_ratio,
)

from auralflow.losses.log_wmse import log_wmse as log_wmse_loss
from auralflow.metrics import METRICS, TrackMeter, log_wmse, nsdr, si_sdr, si_sdri, snr
from tests.metrics.signals import estimates, references

# msst 0.1.0, utils.metrics.get_metrics on each source by itself, with auraloss 0.4.0, librosa 0.11.0 and torchaudio 2.8.0.
MSST = {
    "usdr": [18.08167266845703, 14.65553092956543],
    "si-sdr": [21.624243, 15.243059],
    "l1-freq": [8.098005, 8.376029],
    "aura-stft": [7.69398, 6.240049],
    "aura-mrstft": [5.642912, 6.318959],
    "bleedless": [3.111601, 3.245099],
    "fullness": [46.673134, 51.939678],
    "bleedless-mr": [3.150519, 3.16377],
    "fullness-mr": [47.641172, 51.907309],
}
# torch-log-wmse 1.1.0, LogWMSE(sample_rate=44100); then with the reference silent.
LOG_WMSE = [17.35051918029785, 17.257144927978516]
LOG_WMSE_SILENT = [3.6575913429260254, 3.75982666015625]
# auraloss 0.4.0, freq.MultiResolutionSTFTLoss().
AURALOSS = [1.2624884843826294, 1.540195107460022]

TRUTH = references(30_000).astype(np.float32)
GUESS = (0.9 * estimates(30_000)).astype(np.float32)
MIXTURE = TRUTH.sum(0)


def measured(name: str, *, truth: np.ndarray = TRUTH) -> list[float]:
    meter = TrackMeter(["one", "two"], 44_100, metrics=[METRICS[name]])
    for start in range(0, 30_000, 7001):
        span = slice(start, start + 7001)
        meter.update(GUESS[..., span], truth[..., span], MIXTURE[..., span])
    return [scores[name].value for scores in meter.result().scores.values()]


def batch(audio: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(audio)[None]


@pytest.mark.parametrize("name", sorted(MSST))
def test_numbers_are_those_of_msst(name):
    assert measured(name) == pytest.approx(MSST[name], abs=1e-4)


def test_the_distance_of_spectra_is_that_of_auraloss():
    assert measured("mrstft") == pytest.approx(AURALOSS, abs=1e-4)


def test_log_wmse_is_that_of_torch_log_wmse_for_silent_targets_too():
    assert measured("log-wmse") == pytest.approx(LOG_WMSE, abs=1e-4)
    assert measured("log-wmse", truth=0 * TRUTH) == pytest.approx(LOG_WMSE_SILENT, abs=1e-4)


@pytest.mark.parametrize("sample_rate", [16_000, 44_100, 48_000])
def test_log_wmse_block_by_block_is_the_function_and_the_loss_with_its_sign_turned(sample_rate):
    meter = TrackMeter(["one", "two"], sample_rate, metrics=[METRICS["log-wmse"]])
    for span in (slice(0, 999), slice(999, 30_000)):
        meter.update(GUESS[..., span], TRUTH[..., span], MIXTURE[..., span])
    found = [scores["log-wmse"].value for scores in meter.result().scores.values()]
    signals = batch(GUESS), batch(TRUTH), batch(MIXTURE)
    assert found == pytest.approx(log_wmse(*signals, sample_rate=sample_rate)[0].tolist(), abs=1e-5)
    loss = log_wmse_loss(*signals, sample_rate=sample_rate)[0]
    assert found == pytest.approx((-loss).tolist(), abs=1e-5)


def test_snr_and_si_sdr_of_one_channel_are_those_of_torchmetrics():
    # Without a mean subtracted; torchmetrics takes each channel by itself.
    left = batch(GUESS[:, :1]).double(), batch(TRUTH[:, :1]).double()
    torch.testing.assert_close(snr(*left), signal_noise_ratio(*left)[..., 0])
    theirs = scale_invariant_signal_distortion_ratio(*left)[..., 0]
    torch.testing.assert_close(si_sdr(*left), theirs)


def test_improvements_are_the_estimate_s_number_minus_the_mixture_s():
    truth, guess, mixture = (batch(each) for each in (TRUTH, GUESS, MIXTURE))
    both = mixture[:, None].expand_as(truth)
    pairs = {"nsdr": (nsdr, snr), "si-sdri": (si_sdri, si_sdr)}
    for name, (improvement, plain) in pairs.items():
        expected = plain(guess, truth) - plain(both, truth)
        torch.testing.assert_close(improvement(guess, truth, mixture), expected)
        assert measured(name) == pytest.approx(expected[0].tolist(), abs=1e-9)


def test_nsdr_is_how_much_of_the_other_sources_is_gone():
    # Of what is not the target a tenth is left, whatever the target: 20 dB.
    left = TRUTH + 0.1 * (MIXTURE - TRUTH)
    found = nsdr(batch(left), batch(TRUTH), batch(MIXTURE))
    torch.testing.assert_close(found, torch.full((1, 2), 20.0).double(), atol=1e-4, rtol=0)


@pytest.mark.parametrize("improvement", [nsdr, si_sdri])
def test_nothing_is_gained_on_a_mixture_that_is_the_reference(improvement):
    alone = batch(TRUTH[:1])
    assert improvement(batch(GUESS[:1]), alone, alone[:, 0]).isnan().all()
