"""The sounds that songs are made of: tones without aliasing, envelopes without clicks, filters and rooms of known energy."""

import numpy as np
import pytest

from auralflow.datasets.synthetic.effects import Room
from auralflow.datasets.synthetic.filters import (
    band_noise,
    convolve,
    fast_length,
    filter_over_time,
    frame_size,
)
from auralflow.datasets.synthetic.tones import envelope, harmonics, place, tone
from auralflow.datasets.synthetic.tract import glottal_pulses


def share_of_energy(audio: np.ndarray, sample_rate: int, low: float, high: float) -> float:
    """Share of the energy between two frequencies in Hz."""
    power = np.sum(np.abs(np.fft.rfft(audio.astype(float))) ** 2, axis=0)
    frequency = np.fft.rfftfreq(audio.shape[-1], 1 / sample_rate)
    return float(power[(frequency >= low) & (frequency < high)].sum() / power.sum())


@pytest.mark.parametrize("frequency", [103.0, 997.0, 2093.0])
def test_tones_and_pulses_have_no_partial_folded_at_nyquist(frequency):
    rate, samples = 8000, 8000
    partials = harmonics(1.0, 40.0, count=64)
    sounds = [
        tone(frequency, samples, sample_rate=rate, partials=partials),
        glottal_pulses(np.full(samples, frequency), sample_rate=rate, start=0.3),
    ]
    for sound in sounds:
        power = np.abs(np.fft.rfft(sound)) ** 2
        # One second of whole-numbered frequencies: every partial falls on a bin of its own.
        wanted = np.arange(frequency, 0.45 * rate, frequency).astype(int)
        elsewhere = power.sum() - power[wanted].sum()
        assert elsewhere < 1e-5 * power.sum()
        assert (power[wanted] > 1e-5 * power.sum()).all()


def test_a_tone_above_the_limit_is_silent():
    partials = harmonics(1.0, 5.0)
    assert np.all(tone(3700.0, 100, sample_rate=8000, partials=partials) == 0.0)


def test_an_envelope_starts_and_ends_at_zero():
    level = envelope(800, sample_rate=8000, attack=0.01, settle=0.1, sustain=0.5, release=0.02)
    assert level[0] == level[-1] == 0.0
    assert np.abs(np.diff(level)).max() < 0.05


def test_a_sound_is_cut_at_the_borders_of_its_track():
    track = np.zeros((2, 5))
    place(track, np.ones((2, 4)), -2)
    place(track, 2 * np.ones((2, 4)), 3)
    place(track, np.ones((2, 4)), 9)
    assert track[0].tolist() == [1.0, 1.0, 0.0, 2.0, 2.0]


@pytest.mark.parametrize("samples", [1, 1000, 5000])
def test_a_filter_that_passes_everything_changes_nothing(samples):
    line = np.random.default_rng(0).standard_normal(samples)
    size = frame_size(44_100)
    frames = -(-samples // (size // 2)) + 1
    same = filter_over_time(line, np.ones((frames, size + 1), dtype=complex), sample_rate=44_100)
    np.testing.assert_allclose(same, line, atol=1e-12)


def test_a_room_adds_the_energy_it_is_asked_for():
    click = np.zeros((2, 44_100), np.float32)
    click[:, 2000] = 1.0
    rng = np.random.default_rng(1)
    wet = Room(rng, sample_rate=44_100, seconds=0.3, wet=0.25)(click)
    dry = Room(rng, sample_rate=44_100, seconds=0.3, wet=0.0)(click)
    # The response has unit energy before the factor; what lies below 25 Hz is missing from it.
    added = np.sum((wet - dry).astype(float) ** 2, axis=1)
    np.testing.assert_allclose(added, 0.25, rtol=0.05)
    # Nothing sounds before the click but single precision's rounding.
    assert np.abs(dry[:, :2000]).max() < 1e-6


@pytest.mark.parametrize(("samples", "length"), [(10, 3), (5000, 200), (100_000, 7001)])
def test_a_convolution_in_blocks_is_the_plain_one(samples, length):
    rng = np.random.default_rng(3)
    signal, response = rng.standard_normal((2, samples)), rng.standard_normal((2, length))
    heard = convolve(signal, response, tail=length - 1)
    for channel in range(2):
        plain = np.convolve(signal[channel], response[channel])
        # Single precision over sums of `length` products.
        np.testing.assert_allclose(heard[channel], plain, atol=1e-4 * length**0.5)


def test_a_band_above_nyquist_is_still_heard_below_it():
    noise = band_noise(np.random.default_rng(2), 8000, sample_rate=8000, low=6500.0, high=16_000.0)
    assert np.sqrt(np.mean(noise**2)) == pytest.approx(1.0)
    assert share_of_energy(noise[None], 8000, 1500, 4000) > 0.7


def test_a_band_falls_by_twelve_db_an_octave():
    noise = band_noise(np.random.default_rng(2), 441_000, sample_rate=44_100, low=2000.0, high=1e9)
    densities = [
        share_of_energy(noise[None], 44_100, 0.95 * centre, 1.05 * centre) / centre
        for centre in (500.0, 8000.0)
    ]
    # Two octaves below and above the corner, amplitudes of 1 / (1 + 4**2) and 1 / (1 + 4**-2).
    assert densities[0] / densities[1] == pytest.approx((1 / 16) ** 2, rel=0.15)


@pytest.mark.parametrize("samples", [1, 2, 7, 4097, 882_001])
def test_a_fast_length_is_the_next_product_of_two_three_and_five(samples):
    def rough(number: int) -> bool:
        for prime in (2, 3, 5):
            while number % prime == 0:
                number //= prime
        return number == 1

    wanted = next(number for number in range(samples, 3 * samples) if rough(number))
    assert fast_length(samples) == wanted
