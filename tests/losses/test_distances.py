"""Differences in each domain, against closed forms."""

import math

import pytest
import torch

from auralflow.losses import LossOptions, Pair, create_loss
from tests.losses.signals import RESOLUTION, SAMPLE_RATE


def impulses(*heights: float) -> torch.Tensor:
    """One mono target, an impulse of each height in an item of its own, in the middle of a window: `B 1 1 T`."""
    audio = torch.zeros(len(heights), 1, 1, 1024)
    audio[:, 0, 0, 512] = torch.tensor(heights)
    return audio


def loss_of(name: str, estimate: torch.Tensor, truth: torch.Tensor, **options: object) -> float:
    pair = Pair.of_audio(
        estimate, truth, mixture=truth.sum(1), resolution=RESOLUTION, sample_rate=SAMPLE_RATE
    )
    return create_loss(name, LossOptions.model_validate(options))(pair)[0].item()


FRAMES = 9  # of 1024 samples with a hop of 128
# An impulse has one modulus in all bins: what the window is at its place, over the root of the transform's size. The
# four Hann windows of 512 samples that see it are at their peak, twice at ½ and at 0.
HEIGHTS = [height / math.sqrt(512) for height in (1.0, 0.5, 0.5)]


def test_of_samples_they_are_means_over_samples():
    truth, estimate = impulses(1.0), impulses(0.25)
    assert loss_of("l1-waveform", estimate, truth) == pytest.approx(0.75 / 1024)
    assert loss_of("l2-waveform", estimate, truth) == pytest.approx(0.75**2 / 1024)
    assert loss_of("smooth-l1-waveform", estimate, truth) == pytest.approx((0.75 - 0.05) / 1024)


def test_the_knee_can_be_moved():
    # 0.75² / (2 · 3), and 0.75 − ½ · 0.5
    truth, estimate = impulses(1.0), impulses(0.25)
    for knee, cost in ((3.0, 0.75**2 / 6), (0.5, 0.5)):
        found = loss_of("smooth-l1-waveform", estimate, truth, smooth_l1={"knee": knee})
        assert found == pytest.approx(cost / 1024)


@pytest.mark.parametrize("domain", ["magnitude", "complex"])
def test_of_spectra_they_are_means_over_bins_and_frames(domain):
    truth, estimate = impulses(1.0), impulses(0.0)
    assert loss_of(f"l1-{domain}", estimate, truth) == pytest.approx(sum(HEIGHTS) / FRAMES)
    squares = sum(height**2 for height in HEIGHTS) / FRAMES
    assert loss_of(f"l2-{domain}", estimate, truth) == pytest.approx(squares)
    # All moduli are below the knee of 0.1.
    smooth = loss_of(f"smooth-l1-{domain}", estimate, truth)
    assert smooth == pytest.approx(squares / 0.2)


def test_a_wrong_sign_costs_nothing_in_magnitudes_and_twice_the_modulus_in_complex_spectra():
    truth, estimate = impulses(1.0), impulses(-1.0)
    assert loss_of("l1-magnitude", estimate, truth) == pytest.approx(0, abs=1e-8)
    assert loss_of("l1-complex", estimate, truth) == pytest.approx(2 * sum(HEIGHTS) / FRAMES)


def test_of_log_magnitudes_they_are_of_factors():
    # Half the level is ln 2 less in the three frames that see the impulse, at no floor to speak of.
    truth, estimate = impulses(1.0), impulses(0.5)
    options = {"log_magnitude": {"floor": 1e-9}}
    found = loss_of("l1-log-magnitude", estimate, truth, **options)
    assert found == pytest.approx(3 * math.log(2) / FRAMES, rel=1e-5)
    found = loss_of("l2-log-magnitude", estimate, truth, **options)
    assert found == pytest.approx(3 * math.log(2) ** 2 / FRAMES, rel=1e-5)
    found = loss_of("smooth-l1-log-magnitude", estimate, truth, **options)
    assert found == pytest.approx(3 * (math.log(2) - 0.05) / FRAMES, rel=1e-5)


def test_the_floor_of_log_magnitudes_is_added_to_them():
    truth, estimate = impulses(1.0), impulses(0.0)
    found = loss_of("l1-log-magnitude", estimate, truth, log_magnitude={"floor": 0.01})
    expected = sum(math.log((height + 0.01) / 0.01) for height in HEIGHTS) / FRAMES
    assert found == pytest.approx(expected, rel=1e-5)
