import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auralflow.audio import StreamResampler, resample, resampled_length
from tests.audio.files import noise

RATES = [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000]


@settings(max_examples=60, deadline=None)
@given(
    source=st.sampled_from(RATES),
    wanted=st.sampled_from(RATES),
    samples=st.integers(1, 30_000),
    sizes=st.lists(st.integers(0, 9_000), min_size=1, max_size=20),
)
def test_any_blocks_give_what_one_array_gives(source, wanted, samples, sizes):
    audio = noise(samples=samples)
    stream = StreamResampler(source, wanted, 2)
    parts, at = [], 0
    for size in [*sizes, samples]:
        parts.append(stream.push(audio[:, at : at + size]))
        at += size
    parts.append(stream.finish())
    found = np.concatenate(parts, axis=1)
    expected = resample(audio, source=source, wanted=wanted)
    assert found.shape == expected.shape
    assert expected.shape[1] == max(1, round(samples * wanted / source))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_equal_rates_change_nothing():
    audio = noise(samples=1000)
    assert resample(audio, source=44_100, wanted=44_100) is audio
    stream = StreamResampler(44_100, 44_100, 2)
    np.testing.assert_array_equal(np.concatenate([stream.push(audio), stream.finish()], 1), audio)


@pytest.mark.parametrize(
    ("source", "wanted"), [(44_100, 48_000), (48_000, 44_100), (44_100, 16_000)]
)
def test_a_tone_stays_the_same_tone_at_the_same_time(source, wanted):
    """The closed form: sin(2πft), sampled at either rate; the ends, where it starts from nothing, are left out."""
    f = 997.0
    tone = np.sin(2 * np.pi * f * np.arange(source) / source).astype(np.float32)[None]
    found = resample(tone, source=source, wanted=wanted)
    expected = np.sin(2 * np.pi * f * np.arange(wanted) / wanted)[None]
    edge = wanted // 10
    assert np.abs(found - expected)[:, edge:-edge].max() < 1e-5


def test_what_the_lower_rate_cannot_hold_is_removed():
    tone = np.sin(2 * np.pi * 15_000 * np.arange(44_100) / 44_100).astype(np.float32)[None]
    found = resample(tone, source=44_100, wanted=16_000)
    assert np.abs(found)[:, 1600:-1600].max() < 1e-5


def test_lengths_are_rounded_and_never_vanish():
    assert resampled_length(44_100, source=44_100, wanted=48_000) == 48_000
    assert resampled_length(1, source=96_000, wanted=8_000) == 1
    assert resampled_length(0, source=96_000, wanted=8_000) == 0
    # A day at 192 kHz, where a product of floats would be off.
    assert resampled_length(192_000 * 86_400 + 1, source=192_000, wanted=44_100) == 3_810_240_000


def test_wrong_channels_are_refused():
    with pytest.raises(ValueError, match="2 channels, the block 1"):
        StreamResampler(8000, 16_000, 2).push(noise(channels=1))
    with pytest.raises(ValueError, match="positive"):
        StreamResampler(0, 16_000, 2)
