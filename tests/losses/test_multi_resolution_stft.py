"""Magnitudes at several resolutions: closed forms and auraloss."""

import math

import pytest
import torch

from auralflow.losses import LossOptions, create_loss
from auralflow.losses.multi_resolution_stft import multi_resolution_stft_term
from tests.losses.signals import pair, stems


def noise(gain: float = 1.0) -> torch.Tensor:
    """Nowhere near the floor."""
    return gain * torch.randn(1, 1, 1, 6000, generator=torch.Generator().manual_seed(0))


def test_another_level_misses_its_share_and_is_its_factor_off():
    # ‖S − S/2‖ / ‖S‖ = ½, and ln 2 in every bin
    found, _ = create_loss("multi-resolution-stft")(pair(noise(0.5), noise()))
    assert found.item() == pytest.approx(0.5 + math.log(2), rel=1e-3)


def test_the_sign_does_not_matter():
    found, _ = create_loss("multi-resolution-stft")(pair(noise(-1.0), noise()))
    assert found.item() == pytest.approx(0, abs=2e-6)


def test_it_agrees_with_auraloss():
    # auraloss 0.4.0, mean of STFTLoss(n, hop, window, eps=1e-7) for the default resolutions, of each stem
    expected = [[0.691558, 0.941367], [1.002980, 0.785355]]
    found = multi_resolution_stft_term(pair(), LossOptions())
    torch.testing.assert_close(found, torch.tensor(expected), rtol=0, atol=2e-6)


def test_for_a_silent_reference_only_factors_count():
    found, _ = create_loss("multi-resolution-stft")(pair(noise(), torch.zeros_like(noise())))
    # Noise of level 1 behind a window has a power of 0.375 window sizes, 90 to 450, over the floor of 1e-7.
    assert 0.5 * math.log(90 / 1e-7) - 1 < found.item() < 0.5 * math.log(450 / 1e-7)


def test_other_resolutions_can_be_chosen():
    options = {
        "multi-resolution-stft": {"num-fft": [256], "hop-length": [64], "window-size": [256]}
    }
    one = multi_resolution_stft_term(pair(), LossOptions.model_validate(options))
    three = multi_resolution_stft_term(pair(), LossOptions())
    assert not torch.allclose(one, three)
    assert (
        multi_resolution_stft_term(pair(stems()), LossOptions.model_validate(options)).max() < 2e-6
    )
