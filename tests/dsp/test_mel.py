"""Mel bands against librosa and closed forms."""

import pytest
import torch

from auralflow.dsp.mel import mel_bands

# librosa 0.11.0, filters.mel(sr=44100, n_fft=2048, n_mels=128): band, loudest bin, its weight, sum of weights.
LIBROSA = [
    (0, 1, 0.02240149676799774, 0.04210659861564636),
    (3, 6, 0.026861250400543213, 0.046566348522901535),
    (40, 61, 0.018457645550370216, 0.046470846980810165),
    (100, 418, 0.0033910421188920736, 0.04641279578208923),
    (127, 992, 0.001454105251468718, 0.04643766209483147),
]


@pytest.mark.parametrize(("band", "loudest", "weight", "total"), LIBROSA)
def test_bands_are_those_of_librosa(band, loudest, weight, total):
    bands = mel_bands(44_100, 2048, 128)
    assert bands.shape == (128, 1025)
    assert int(bands[band].argmax()) == loudest
    assert bands[band].max().item() == pytest.approx(weight, rel=1e-6)
    assert bands[band].sum().item() == pytest.approx(total, rel=1e-6)


def test_every_triangle_has_an_area_of_one_hertz():
    bands = mel_bands(44_100, 1 << 16, 40)
    areas = bands.sum(-1) * 44_100 / (1 << 16)
    torch.testing.assert_close(areas, torch.ones(40), atol=1e-3, rtol=0)
