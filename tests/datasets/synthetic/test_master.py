"""Mastering: the loudness that was asked for, no sample above the ceiling, and one gain for all."""

import numpy as np
import pytest

from auralflow.datasets.synthetic.loudness import integrated_loudness
from auralflow.datasets.synthetic.master import CEILING, mastering_gain

RATE = 22_050


@pytest.fixture
def stems():
    rng = np.random.default_rng(0)
    clicks = np.zeros((2, 8 * RATE))
    clicks[:, ::5000] = 1.0
    noise = 0.1 * rng.standard_normal((2, 8 * RATE))
    # Loud for two seconds, then soft.
    noise[:, 2 * RATE :] *= 0.3
    return {"clicks": clicks, "noise": noise}


@pytest.mark.parametrize("target", [-20.0, -14.0, -11.0])
def test_the_sum_is_as_loud_as_asked_for(stems, target):
    gain = mastering_gain(stems, sample_rate=RATE, target_lufs=target)
    assert integrated_loudness(gain * sum(stems.values()), RATE) == pytest.approx(target, abs=0.3)


@pytest.mark.parametrize("target", [-14.0, -6.0, 0.0])
def test_no_sample_of_sum_or_stems_is_above_the_ceiling(stems, target):
    # The stems are larger than their sum here, as where two of them are out of phase.
    stems["against"] = -0.9 * stems["clicks"]
    gain = mastering_gain(stems, sample_rate=RATE, target_lufs=target)
    for audio in (sum(stems.values()), *stems.values()):
        assert np.abs(gain * audio).max() <= CEILING * (1 + 1e-6)


def test_the_gain_moves_slowly_enough_not_to_click(stems):
    gain = mastering_gain(stems, sample_rate=RATE, target_lufs=-11.0)
    assert gain.shape == (8 * RATE,)
    # From the full gain to any other takes the limiter's look-ahead of 15 ms at least: no step of a sample is larger
    # than the steepest slope of its Hann window, twice the mean one.
    assert np.abs(np.diff(gain)).max() < 2 * gain.max() / (0.015 * RATE)


def test_what_is_loud_comes_closer_to_what_is_soft(stems):
    gain = mastering_gain(stems, sample_rate=RATE, target_lufs=-20.0)
    assert np.median(gain[RATE // 2 : RATE]) < 0.8 * np.median(gain[4 * RATE :])


def test_a_sound_too_short_for_a_loudness_is_brought_to_the_ceiling():
    stems = {"a": np.full((2, 100), 0.01), "b": np.full((2, 100), 0.01)}
    gain = mastering_gain(stems, sample_rate=RATE, target_lufs=-9.0)
    np.testing.assert_allclose(gain * 0.02, CEILING, rtol=1e-6)


def test_silence_stays_silence():
    stems = {"a": np.zeros((2, 3 * RATE)), "b": np.zeros((2, 3 * RATE))}
    np.testing.assert_array_equal(mastering_gain(stems, sample_rate=RATE, target_lufs=-9.0), 1.0)
