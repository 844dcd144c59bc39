"""uSDR and SI-SDR against closed forms, with tones that are orthogonal over the length."""

import math

import pytest
import torch

from auralflow.metrics import si_sdr, usdr

SAMPLES = 1000


def tone(cycles: int, amplitude: float = 1.0) -> torch.Tensor:
    """A mono stem with energy amplitude² · SAMPLES / 2, orthogonal to tones with other cycles."""
    time = torch.arange(SAMPLES, dtype=torch.float64) / SAMPLES
    return amplitude * torch.sin(2 * math.pi * cycles * time)[None, None, None]


def test_usdr_is_the_energy_ratio_of_stem_and_error():
    # Energies 500 and 5 (amplitude 0.1): 20 dB; δ = 1e-7 shifts that by 1e-7 dB.
    measured = usdr(tone(3) + tone(7, 0.1), tone(3)).item()
    assert measured == pytest.approx(20, abs=1e-6)


def test_usdr_has_the_challenges_delta_in_both_energies():
    # Energy of the stem 500 · 1e-8, error none: (5e-6 + 1e-7) / 1e-7 = 51.
    measured = usdr(tone(3, 1e-4), tone(3, 1e-4)).item()
    assert measured == pytest.approx(10 * math.log10(51), abs=1e-6)


def test_usdr_of_silence_as_the_estimate_is_zero():
    assert usdr(torch.zeros_like(tone(3)), tone(3)).item() == pytest.approx(0, abs=1e-9)


def test_si_sdr_is_the_energy_ratio_of_what_lies_along_the_stem_and_the_rest():
    measured = si_sdr(tone(3) + tone(7, 0.1), tone(3)).item()
    assert measured == pytest.approx(20, abs=1e-9)


@pytest.mark.parametrize("scale", [1e-6, 0.5, 1.001, -1, 1e6])
def test_si_sdr_does_not_care_for_the_scale_of_the_estimate(scale):
    measured = si_sdr(scale * (tone(3) + tone(7, 0.1)), tone(3)).item()
    assert measured == pytest.approx(20, abs=1e-6)


def test_si_sdr_resolves_an_error_as_small_as_float64_holds():
    # The error's amplitude is 1e-7 of the stem's: 140 dB. From Σ ŝ² alone it could not be told from 0.
    measured = si_sdr(tone(3) + tone(7, 1e-7), tone(3)).item()
    assert measured == pytest.approx(140, abs=1e-5)


def test_si_sdr_of_float32_keeps_the_closed_form():
    measured = si_sdr((tone(3) + tone(7, 0.1)).float(), tone(3).float()).item()
    assert measured == pytest.approx(20, abs=1e-5)


def test_si_sdr_takes_the_channels_together_so_a_stem_panned_wrongly_scores_low():
    # Along (1, 1) lies half of what is all on the left; the rest is as loud: 0 dB.
    reference = tone(3).expand(1, 1, 2, SAMPLES)
    estimate = torch.cat([2 * tone(3), 0 * tone(3)], dim=-2)
    assert si_sdr(estimate, reference).item() == pytest.approx(0, abs=1e-9)


def test_si_sdr_subtracts_no_mean():
    # A constant of amplitude 1 / √2 has the energy of the tone.
    measured = si_sdr(tone(3) + math.sqrt(0.5), tone(3)).item()
    assert measured == pytest.approx(0, abs=1e-9)


def test_a_perfect_estimate_is_infinite_for_si_sdr_and_finite_for_usdr():
    assert si_sdr(tone(3), tone(3)).item() == math.inf
    assert usdr(tone(3), tone(3)).item() == pytest.approx(10 * math.log10(500 / 1e-7), abs=1e-6)


@pytest.mark.parametrize("scale", [0.1, 0.5, 3.0])
def test_a_perfect_estimate_at_another_level_is_beyond_120_db(scale):
    assert si_sdr(scale * tone(3), tone(3)).item() > 120


@pytest.mark.parametrize("metric", [usdr, si_sdr])
def test_a_silent_reference_gives_no_number(metric):
    assert math.isnan(metric(tone(3), torch.zeros_like(tone(3))).item())
    assert math.isnan(metric(torch.zeros_like(tone(3)), torch.zeros_like(tone(3))).item())


def test_a_silent_estimate_has_no_direction_so_si_sdr_gives_no_number():
    assert math.isnan(si_sdr(torch.zeros_like(tone(3)), tone(3)).item())


@pytest.mark.parametrize("metric", [usdr, si_sdr])
def test_one_number_for_each_item_and_stem(metric):
    reference = torch.cat([tone(2), tone(3)], dim=1).repeat(3, 1, 2, 1)
    estimate = reference + 0.1 * tone(9)
    measured = metric(estimate, reference)
    assert measured.shape == (3, 2)
    torch.testing.assert_close(measured, torch.full((3, 2), 20.0).double(), atol=1e-6, rtol=0)
