"""Autocorrelation over blocks against its definition."""

import pytest
import torch

from auralflow.dsp.autocorrelation import Autocorrelation


@pytest.mark.parametrize("block", [1, 9, 40, 500])
def test_sums_over_blocks_are_those_of_the_whole(block):
    audio = torch.sin(torch.arange(600.0).reshape(2, 300) ** 1.3)
    sums = Autocorrelation(40)
    for piece in audio.split(block, -1):
        sums.add(piece)
    double = audio.double()
    expected = [(double[:, lag:] * double[:, : 300 - lag]).sum(-1) for lag in range(40)]
    torch.testing.assert_close(sums.sums(), torch.stack(expected, -1))


def test_lags_longer_than_the_audio_have_nothing_to_add():
    sums = Autocorrelation(10)
    sums.add(torch.ones(3))
    assert sums.sums().tolist() == pytest.approx([3, 2, 1] + [0] * 7, abs=1e-12)
