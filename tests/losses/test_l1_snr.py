"""L1 signal-to-noise ratios: closed forms and torch-l1-snr."""

import math

import pytest
import torch

from auralflow.losses import LossOptions, create_loss
from auralflow.losses.l1_snr import l1_noise_ratio, l1_snr_term, level_mismatch, multi_l1_snr_term
from auralflow.losses.options import L1SnrOptions
from tests.losses.signals import estimates, pair, stems

MATCHED = LossOptions.model_validate(
    {"l1-snr": {"level-matched": True}, "multi-l1-snr": {"level-matched": True}}
)


def padded(audio: torch.Tensor) -> torch.Tensor:
    """To a multiple of the hop, where all implementations have the same frames."""
    return torch.nn.functional.pad(audio, (0, 288))


def stem(*samples: float) -> torch.Tensor:
    return torch.tensor(samples, dtype=torch.float32).reshape(1, 1, 1, -1)


def test_it_is_the_mean_absolute_error_over_the_mean_absolute_value():
    # 0.1 over 1: −10 dB, for amplitudes are taken as powers are elsewhere
    found = l1_noise_ratio(stem(1.1, -0.9), stem(1, -1), floor=0)
    assert found.item() == pytest.approx(-10, abs=1e-4)


def test_the_floor_is_added_to_both():
    found = l1_noise_ratio(stem(0.1, 0.1), stem(0, 0), floor=0.1)
    assert found.item() == pytest.approx(10 * math.log10(2), abs=1e-5)


@pytest.mark.parametrize(
    ("level", "weight"),
    [
        (0.1, 0.1),  # as loud
        (1.0, 0.1),  # too loud, by 20 dB
        (0.01, 0.1 + 0.9 * 20 / 40),  # 20 dB too quiet, of the 40 that lie above −60 dB
        (1e-5, 1.0),  # as good as silent
    ],
)
def test_levels_weigh_the_more_the_quieter_the_estimate_of_an_audible_stem_is(level, weight):
    # Levels of ±0.1 and ±level; powers have 1e-8 added
    apart = abs(10 * math.log10((level**2 + 1e-8) / (0.01 + 1e-8)))
    found = level_mismatch(stem(level, -level), stem(0.1, -0.1), L1SnrOptions())
    assert found.item() == pytest.approx(weight * apart, abs=1e-3)


def test_the_weight_of_levels_has_no_gradient():
    estimate = stem(0.01, -0.01).requires_grad_()
    found = level_mismatch(estimate, stem(0.1, -0.1), L1SnrOptions())
    (slope,) = torch.autograd.grad(found.sum(), estimate)
    # λ d/dx 10 log10(x² + 1e-8) = λ 10 / ln 10 · x / (x² + 1e-8), and the level is to rise
    expected = -0.55 * 10 / math.log(10) * 0.01 / (1e-4 + 1e-8)
    assert slope[0, 0, 0, 0].item() == pytest.approx(expected, rel=1e-3)


def test_a_stem_that_is_left_out_costs_more_where_levels_are_matched():
    silence = pair(torch.zeros_like(stems()))
    plain, _ = create_loss("l1-snr")(silence)
    matched, _ = create_loss("l1-snr", MATCHED)(silence)
    assert plain.item() == pytest.approx(0, abs=1e-5)
    assert matched > 30


def test_it_agrees_with_torch_l1_snr():
    # torch-l1-snr 0.2.1, L1SNRLoss of each stem, on the same signals
    expected = [[-9.464513, -6.484670], [-4.570505, -6.935324]]
    found = l1_snr_term(pair(), LossOptions())
    torch.testing.assert_close(found, torch.tensor(expected), rtol=0, atol=1e-5)


def test_with_levels_it_agrees_with_torch_l1_snr():
    # torch-l1-snr 0.2.1, L1SNRDBLoss of each stem, as it is and with the estimate 20 dB quieter
    expected = {
        1.0: [[-9.459410, -6.467236], [-4.532584, -6.921276]],
        0.1: [[10.018727, 10.712909], [12.177300, 11.327337]],
    }
    for gain, values in expected.items():
        found = l1_snr_term(pair(gain * estimates()), MATCHED)
        torch.testing.assert_close(found, torch.tensor(values), rtol=0, atol=1e-5)


def test_over_waveform_and_spectrum_it_agrees_with_torch_l1_snr():
    # torch-l1-snr 0.2.1, MultiL1SNRDBLoss of each stem with one transform of 2048 samples and a hop of 512, without and
    # with use_time_regularization
    expected = [
        (LossOptions(), [[-11.342503, -4.958010], [-2.375357, -7.647645]]),
        (MATCHED, [[-11.339951, -4.949293], [-2.356396, -7.640621]]),
    ]
    for options, values in expected:
        found = multi_l1_snr_term(pair(padded(estimates()), padded(stems())), options)
        torch.testing.assert_close(found, torch.tensor(values), rtol=0, atol=1e-5)


def test_without_weight_of_the_spectrum_it_is_that_of_the_waveform():
    options = LossOptions.model_validate({"multi-l1-snr": {"spectral-weight": 0.0}})
    found = multi_l1_snr_term(pair(), options)
    torch.testing.assert_close(found, l1_snr_term(pair(), options))
