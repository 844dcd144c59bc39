"""The A-weighting filter against the standard's curve and auraloss."""

import math

import pytest
import torch

from auralflow.dsp.a_weighting import a_weighting_taps
from auralflow.dsp.fir import FirFilter

# auraloss 0.4.0, perceptual.FIRFilter("aw", fs=…): taps 0, 49 and 50 of 101.
AURALOSS = {
    44_100: [-0.0019269367912784219, 0.2734031677246094, 0.5443199276924133],
    48_000: [-0.0021327335853129625, 0.27400675415992737, 0.5210934281349182],
}


@pytest.mark.parametrize("sample_rate", sorted(AURALOSS))
def test_taps_are_those_of_auraloss(sample_rate):
    taps = a_weighting_taps(sample_rate)
    assert taps[[0, 49, 50]].tolist() == pytest.approx(AURALOSS[sample_rate], abs=1e-6)
    assert torch.equal(taps, taps.flip(0))


@pytest.mark.parametrize(
    ("hertz", "decibels"), [(1000, 0.0), (2000, 1.2), (4000, 1.0), (500, -3.2)]
)
def test_the_response_is_near_the_standard_s_table(hertz, decibels):
    # IEC 61672's A-weighting in dB; 101 taps resolve some 440 Hz.
    angle = 2 * math.pi * hertz / 44_100 * torch.arange(-50, 51)
    found = 20 * math.log10((a_weighting_taps(44_100) * torch.cos(angle)).sum().item())
    assert found == pytest.approx(decibels, abs=0.3)


@pytest.mark.parametrize("block", [1, 3, 50, 1000])
@pytest.mark.parametrize("samples", [1, 4, 5, 200])
def test_a_filter_over_blocks_is_the_convolution_of_the_whole(samples, block):
    taps = torch.tensor([0.5, -1.0, 2.0, -1.0, 0.5])
    audio = torch.sin(torch.arange(2.0 * samples).reshape(2, samples) ** 1.3)
    expected = torch.nn.functional.conv1d(audio[:, None], taps[None, None], padding=2)[:, 0]
    fir = FirFilter(taps)
    parts = [fir.add(piece) for piece in audio.split(block, -1)]
    torch.testing.assert_close(torch.cat([*parts, fir.rest()], -1), expected)
