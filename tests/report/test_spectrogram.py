"""The image of audio: where a tone appears, and how loud."""

import numpy as np
import pytest

from auralflow.report.spectrogram import LOWEST_HZ, log_spectrogram, loudest_start, top_frequency


def tone(frequency: float, *, seconds: float = 1.0, rate: int = 44_100) -> np.ndarray:
    wave: np.ndarray = np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)
    return wave[None]


def row_of(frequency: float, rows: int, rate: int) -> int:
    position = np.log(frequency / LOWEST_HZ) / np.log(top_frequency(rate) / LOWEST_HZ)
    return int(position * rows)


@pytest.mark.parametrize("rate", [8000, 44_100, 96_000])
@pytest.mark.parametrize("frequency", [110, 440, 3000])
def test_a_tone_is_loudest_in_the_row_of_its_frequency(frequency, rate):
    image = log_spectrogram(tone(frequency, rate=rate), sample_rate=rate, columns=9)
    row = image[:, 4].argmax()
    # The window of 0.08 s cannot place a tone better than a few Hz, which is two rows at 110 Hz.
    assert abs(row - row_of(frequency, len(image), rate)) <= 2


def test_white_noise_has_one_level_in_narrow_and_wide_rows():
    noise = np.random.default_rng(0).standard_normal((1, 20 * 44_100))
    level = 10 * np.log10(log_spectrogram(noise, sample_rate=44_100, columns=200).mean(1))
    # The lowest rows average few independent values; 1 dB is three times their scatter.
    assert abs(level - level.mean()).max() < 1


def test_twice_the_amplitude_is_four_times_the_power():
    once = log_spectrogram(tone(440), sample_rate=44_100, columns=3)
    twice = log_spectrogram(2 * tone(440), sample_rate=44_100, columns=3)
    np.testing.assert_allclose(twice, 4 * once)


def test_channels_are_averaged_in_power_so_that_antiphase_is_not_lost():
    mono = tone(440)
    stereo = np.concatenate([mono, -mono])
    images = [log_spectrogram(audio, sample_rate=44_100, columns=3) for audio in (mono, stereo)]
    np.testing.assert_allclose(images[0], images[1])


def test_columns_are_where_their_time_is():
    audio = np.zeros((1, 44_100))
    audio[0, 33_000] = 1  # three quarters of a second: column 7 of 10
    image = log_spectrogram(audio, sample_rate=44_100, columns=10)
    assert image.sum(0).argmax() == 7


@pytest.mark.parametrize("samples", [1, 2, 700, 3527])
@pytest.mark.parametrize("rate", [60, 8000, 44_100])
def test_any_length_and_rate_has_an_image(samples, rate):
    image = log_spectrogram(np.ones((2, samples), np.float32), sample_rate=rate, columns=20)
    assert np.isfinite(image).all()
    assert (image >= 0).all()


def test_the_loudest_part_is_found_where_it_is():
    audio = np.full((2, 10_000), 0.1)
    audio[:, 6000:7000] = 0.5
    assert loudest_start(audio, 1000) == 6000


@pytest.mark.parametrize(("length", "samples"), [(100, 100), (100, 300), (5000, 10)])
def test_silence_and_audio_shorter_than_the_part_begin_at_the_start(length, samples):
    assert loudest_start(np.zeros((1, length)), samples) == 0
