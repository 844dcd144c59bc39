"""SDR and SI-SDR as losses: closed forms, the metrics, and auraloss."""

import pytest
import torch

from auralflow.losses.signal_ratios import negative_sdr, negative_si_sdr
from auralflow.metrics import si_sdr, usdr
from tests.losses.signals import estimates, stems


def of_four(*samples: float) -> torch.Tensor:
    return torch.tensor(samples, dtype=torch.float32).reshape(1, 1, 1, 4)


def test_sdr_is_the_energy_of_the_reference_over_that_of_the_error():
    # 4 over 4 · 0.1²: 20 dB
    found = negative_sdr(of_four(1.1, 0.9, 1.1, 0.9), of_four(1, 1, 1, 1))
    assert found.item() == pytest.approx(-20, abs=1e-4)


def test_si_sdr_is_that_after_the_best_change_of_level():
    # Half of the reference and 0.05 across it: as 0.25 over 0.0025
    found = negative_si_sdr(of_four(0.55, 0.45, 0.55, 0.45), of_four(1, 1, 1, 1))
    assert found.item() == pytest.approx(-20, abs=1e-4)


def test_channels_are_taken_together():
    estimate, reference = of_four(1, 1, 0, 0), of_four(1, 0, 1, 0)
    found = negative_si_sdr(estimate.reshape(1, 1, 2, 2), reference.reshape(1, 1, 2, 2))
    # ⟨ŝ, s⟩ = 1 and ‖s‖² = 2: energy ½ along the reference, 3/2 beside it
    assert found.item() == pytest.approx(4.7712, abs=1e-4)


def test_they_are_the_metrics_with_the_sign_turned():
    estimate, reference = estimates(), stems()
    for loss, metric in ((negative_sdr, usdr), (negative_si_sdr, si_sdr)):
        expected = -metric(estimate, reference).float()
        torch.testing.assert_close(loss(estimate, reference), expected, rtol=0, atol=1e-4)


def test_si_sdr_does_not_care_how_loud_the_estimate_is():
    estimate, reference = estimates(), stems()
    expected = negative_si_sdr(estimate, reference)
    for gain in (0.3, 3.0, -1.0):
        found = negative_si_sdr(gain * estimate, reference)
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-3)


def test_they_agree_with_auraloss():
    # auraloss 0.4.0, SNRLoss and SISDRLoss with zero_mean=False and eps=1e-12 of each stem's channels in a row,
    # on the same signals
    sdr = [[-19.473543, -13.945431], [-10.439259, -14.877699]]
    scale_invariant = [[-19.475882, -13.948244], [-10.443015, -14.879212]]
    for loss, expected in ((negative_sdr, sdr), (negative_si_sdr, scale_invariant)):
        found = loss(estimates(), stems())
        torch.testing.assert_close(found, torch.tensor(expected), rtol=0, atol=2e-5)


@pytest.mark.parametrize("loss", [negative_sdr, negative_si_sdr])
def test_for_a_silent_reference_they_are_the_level_of_the_estimate_above_100_db_below_full_scale(
    loss,
):
    # A level of −20 dB
    found = loss(of_four(0.1, -0.1, 0.1, -0.1), of_four(0, 0, 0, 0))
    assert found.item() == pytest.approx(80, abs=1e-4)
