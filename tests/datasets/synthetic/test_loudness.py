"""Loudness against the values that the Recommendation and its technical notes give."""

import numpy as np
import pytest

from auralflow.datasets.synthetic.loudness import integrated_loudness


def sine(rate: int, *, seconds: float, frequency: float = 997.0, level_db: float = 0.0):
    time = np.arange(round(seconds * rate)) / rate
    return 10 ** (level_db / 20) * np.sin(2 * np.pi * frequency * time)


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000, 96_000])
def test_a_full_scale_sine_in_one_channel_has_minus_three_lufs(rate):
    # BS.1770-4, annex 1: 0 dBFS at 997 Hz in left, right or centre reads -3.01 LKFS.
    audio = np.stack([sine(rate, seconds=5.0), np.zeros(5 * rate)])
    assert integrated_loudness(audio, rate) == pytest.approx(-3.01, abs=0.04)


def test_both_channels_add_three_decibels():
    audio = np.stack([sine(48_000, seconds=5.0, level_db=-20.0)] * 2)
    assert integrated_loudness(audio, 48_000) == pytest.approx(-20.0, abs=0.02)


def test_a_stretch_ten_decibels_below_the_rest_does_not_count():
    # EBU Tech 3341, case 3: 10 s at -36, 60 s at -23 and 10 s at -36 dBFS in both channels read -23 LUFS.
    parts = [(10, -36.0), (60, -23.0), (10, -36.0)]
    line = np.concatenate(
        [sine(48_000, seconds=length, frequency=1000.0, level_db=level) for length, level in parts]
    )
    assert integrated_loudness(np.stack([line, line]), 48_000) == pytest.approx(-23.0, abs=0.1)


def test_silence_within_a_song_does_not_count():
    # EBU Tech 3341, case 4: absolute gate at -70 LUFS.
    parts = [(10, -72.0), (10, -36.0), (60, -23.0), (10, -36.0), (10, -72.0)]
    line = np.concatenate(
        [sine(48_000, seconds=length, frequency=1000.0, level_db=level) for length, level in parts]
    )
    assert integrated_loudness(np.stack([line, line]), 48_000) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("frequency", [30.0, 60.0, 997.0, 3000.0, 10_000.0])
def test_the_weighting_has_the_gain_of_the_recommendations_coefficients(frequency):
    # BS.1770-4, tables 1 and 2, for 48 kHz.
    def response(upper: list[float], lower: list[float]) -> complex:
        back = np.exp(-2j * np.pi * frequency / 48_000)
        return complex(np.polyval(upper[::-1], back) / np.polyval(lower[::-1], back))

    gain = response(
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1.0, -1.69065929318241, 0.73248077421585],
    ) * response([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
    wanted = 20 * np.log10(abs(gain))
    audio = np.stack([sine(48_000, seconds=4.0, frequency=frequency)])
    measured = integrated_loudness(audio, 48_000) + 0.691 + 3.0103
    assert measured == pytest.approx(wanted, abs=0.03)


@pytest.mark.parametrize("samples", [0, 1, 17_000])
def test_what_is_silent_or_too_short_has_no_loudness(samples):
    assert integrated_loudness(np.ones((2, samples)), 44_100) == -np.inf
    assert integrated_loudness(np.zeros((2, 88_200)), 44_100) == -np.inf
