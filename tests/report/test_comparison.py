"""An estimate beside the truth: size, scales, colours; what they look like was looked at."""

from io import BytesIO

import numpy as np
import pytest
from matplotlib.image import imread

from auralflow.errors import DataError
from auralflow.report import spectrogram_comparison, waveform_comparison
from tests.report.test_pictures import RATE, noise

DRAW = [spectrogram_comparison, waveform_comparison]


def picture_of(draw, estimate, truth, **more) -> np.ndarray:
    png = draw(estimate=estimate, truth=truth, sample_rate=RATE, title="a song", **more)
    picture: np.ndarray = imread(BytesIO(png))[..., :3]
    return picture


@pytest.mark.parametrize("draw", DRAW)
@pytest.mark.parametrize("channels", [1, 2])
def test_silence_and_single_samples_can_be_drawn(draw, channels):
    silence = np.zeros((channels, RATE), np.float32)
    assert picture_of(draw, silence, silence).shape[1] == 1200
    assert picture_of(draw, noise(1 / RATE, channels), noise(1 / RATE, channels)).shape[1] == 1200


@pytest.mark.parametrize(
    ("factor", "redder"), [(4.0, True), (0.25, False)], ids=["too much", "too little"]
)
def test_what_is_too_much_is_red_and_what_is_too_little_blue(factor, redder):
    truth = noise(1.0)
    lowest = picture_of(spectrogram_comparison, factor * truth, truth)[760:980, 150:1000]
    red, _, blue = lowest.reshape(-1, 3).mean(0)
    assert (red > blue + 0.2) if redder else (blue > red + 0.2)


def test_equal_levels_leave_the_difference_white():
    truth = noise(1.0)
    lowest = picture_of(spectrogram_comparison, -truth, truth)[760:980, 150:1000]
    assert lowest.min() > 0.9


@pytest.mark.parametrize("draw", DRAW)
def test_lengths_that_differ_or_are_zero_are_told(draw):
    with pytest.raises(DataError, match=r"8000 samples .* beside a truth of 4000: give one length"):
        picture_of(draw, noise(1.0), noise(0.5))
    with pytest.raises(DataError, match=r"0 samples .* of 0"):
        picture_of(draw, noise(0.0), noise(0.0))
