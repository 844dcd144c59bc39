"""The equalizer against the difference equations of its source."""

from math import cos, log2, pi, sin, sqrt

import numpy as np
import pytest
import torch

from auralflow.augment.equalizer import _bands, _ringing_samples, equalize, frequency_response
from auralflow.augment.options import MOST_BANDS, EqualizerConfig
from tests.augment.cases import noise

RATE = 44100
Q = sqrt(0.5)


def cookbook(kind: str, hz: float, gain_db: float, quality: float, rate: int = RATE):
    """Coefficients b and a as Bristow-Johnson's cookbook writes them."""
    root, w0 = 10 ** (gain_db / 40), 2 * pi * hz / rate
    alpha, c = sin(w0) / (2 * quality), cos(w0)
    if kind == "peak":
        return (
            [1 + alpha * root, -2 * c, 1 - alpha * root],
            [1 + alpha / root, -2 * c, 1 - alpha / root],
        )
    # The high shelf is the low shelf with the sign of the cosine, and of every odd coefficient, turned.
    turn = 1 if kind == "low" else -1
    c, slope = turn * c, 2 * sqrt(root) * alpha
    b = [
        root * ((root + 1) - (root - 1) * c + slope),
        turn * 2 * root * ((root - 1) - (root + 1) * c),
        root * ((root + 1) - (root - 1) * c - slope),
    ]
    a = [
        (root + 1) + (root - 1) * c + slope,
        turn * -2 * ((root - 1) + (root + 1) * c),
        (root + 1) + (root - 1) * c - slope,
    ]
    return b, a


def recursion(b, a, signal: np.ndarray) -> np.ndarray:
    """The difference equation, sample by sample in double precision, from rest."""
    result = np.zeros_like(signal)
    x1 = x2 = y1 = y2 = 0.0
    for n, x in enumerate(signal):
        y = (b[0] * x + b[1] * x1 + b[2] * x2 - a[1] * y1 - a[2] * y2) / a[0]
        result[n] = y
        x2, x1, y2, y1 = x1, x, y1, y
    return result


def response_at(hz: float, corners, gains, qualities, *, length: int = RATE) -> float:
    """Gain in dB at a frequency, which is a bin: these are 1 Hz apart."""
    response = frequency_response(
        torch.tensor([corners]),
        torch.tensor([gains]),
        torch.tensor([qualities]),
        sample_rate=RATE,
        length=length,
    )
    return float(20 * response[0, round(hz)].abs().log10())


def numbers_with(places, gains, qualities) -> torch.Tensor:
    """Numbers of one stem, those of unused bands zero."""
    numbers = torch.zeros(1, 1, EqualizerConfig.numbers)
    drawn = numbers[0, 0, 1:].view(3, MOST_BANDS)
    for row, values in enumerate((places, gains, qualities)):
        drawn[row, : len(values)] = torch.tensor(values)
    return numbers


@pytest.mark.parametrize("places", [(0.0, 0.0, 0.0, 0.0), (0.3, 0.9, 0.1, 0.6)])
@pytest.mark.parametrize(
    "gains", [(1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.0), (0.2, 1.0, 0.1, 0.8)]
)
@pytest.mark.parametrize("quality", [0.0, 1.0])
def test_it_is_the_difference_equation_of_the_cookbook(places, gains, quality):
    config = EqualizerConfig(probability=1.0, max_gain_db=12.0, low_q=0.3, high_q=6.0)
    stems = noise(1, 1, 2, 3000)
    equalized = equalize(stems, numbers_with(places, gains, (quality,) * 4), config, RATE)

    expected = stems[0, 0].double().numpy()
    octaves = log2(config.high_hz / config.low_hz)
    for band, kind in enumerate(("low", "peak", "peak", "high")):
        hz = config.low_hz * 2 ** (octaves * (band + places[band]) / 4)
        b, a = cookbook(
            kind,
            hz,
            24 * gains[band] - 12,
            (0.3, 6.0)[round(quality)] if kind == "peak" else Q,
        )
        expected = np.stack([recursion(b, a, channel) for channel in expected])
    # -100 dB beside the signal: rounding in single precision, and what is left of the ringing.
    error = np.abs(equalized[0, 0].numpy() - expected).max()
    assert error < 1e-5 * np.abs(expected).max()


def test_a_peak_has_its_gain_at_its_centre_and_half_of_it_in_decibels_at_its_edges():
    # Shelves of 0 dB do nothing. Of quality 2 at 1000 Hz, the edges lie at 1000 Hz times (sqrt(17) +- 1) / 4.
    bands = ([50.0, 1000.0, 15000.0], [0.0, 6.0, 0.0], [1.0, 2.0, 1.0])
    assert response_at(1000, *bands) == pytest.approx(6.0, abs=1e-3)
    assert response_at(1000 * (sqrt(17) - 1) / 4, *bands) == pytest.approx(3.0, abs=0.02)
    assert response_at(1000 * (sqrt(17) + 1) / 4, *bands) == pytest.approx(3.0, abs=0.02)
    assert response_at(20, *bands) == pytest.approx(0.0, abs=0.02)


def test_shelves_have_their_gain_beyond_and_half_of_it_in_decibels_at_their_corner():
    bands = ([200.0, 5000.0], [6.0, -10.0], [1.0, 1.0])
    assert response_at(0, *bands) == pytest.approx(6.0, abs=1e-3)
    assert response_at(200, *bands) == pytest.approx(3.0, abs=0.01)
    assert response_at(1000, *bands) == pytest.approx(0.0, abs=0.05)
    assert response_at(5000, *bands) == pytest.approx(-5.0, abs=0.01)
    assert response_at(RATE // 2, *bands) == pytest.approx(-10.0, abs=1e-3)


def test_a_shelf_does_not_overshoot_its_gain():
    response = frequency_response(
        torch.tensor([[300.0, 3000.0]]),
        torch.tensor([[12.0, 0.0]]),
        torch.ones(1, 2),
        sample_rate=RATE,
        length=RATE,
    )
    level_db = 20 * response[0].abs().log10()
    assert level_db.max() < 12.001
    assert level_db.min() > -0.001


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_gain_db": 24.0},
        {"low_q": 0.1},
        {"low_hz": 20.0, "high_q": 10.0, "max_gain_db": 24.0},
        {"low_q": 0.1, "high_q": 0.2, "max_gain_db": 24.0},
    ],
)
def test_the_padding_outlasts_the_slowest_filter_that_can_be_drawn(options):
    config = EqualizerConfig(**options)
    slowest = 0.0
    for gain_db in (config.max_gain_db, -config.max_gain_db):
        for kind, quality in (("low", Q), ("peak", config.low_q), ("peak", config.high_q)):
            _, a = cookbook(kind, config.low_hz, gain_db, quality)
            slowest = max(slowest, np.abs(np.roots(a)).max())
    level = slowest ** _ringing_samples(config, RATE)
    # 120 dB below, and no more than a tenth longer than that takes.
    assert 1e-6**1.1 < level < 1.01e-6


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_corners_rise_from_band_to_band_within_the_range_and_below_half_the_sample_rate(rate):
    config = EqualizerConfig(max_gain_db=9.0)
    drawn = torch.rand(1000, EqualizerConfig.numbers, generator=torch.Generator().manual_seed(0))
    corners_hz, gains_db, qualities = _bands(drawn, config, rate)
    assert (corners_hz.diff(dim=1) > 0).all()
    highest = min(config.high_hz, 0.475 * rate)
    # The least and the most of 4000 numbers are within a hundredth of the ends.
    for values, low, high in (
        (corners_hz.log(), np.log(config.low_hz), np.log(highest)),
        (gains_db, -9.0, 9.0),
        (qualities.log(), np.log(config.low_q), np.log(config.high_q)),
    ):
        slack = 0.01 * (high - low)
        assert low - 1e-4 <= values.min() < low + slack
        assert high - slack < values.max() <= high + 1e-4
