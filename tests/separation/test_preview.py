"""The stretch of a song that is separated for a preview."""

import numpy as np
import pytest
import soundfile

from auralflow.audio import AudioReader, read
from auralflow.errors import ConfigError
from auralflow.separation import Order
from auralflow.separation.preview import loudest_start
from auralflow.separation.song import separate_song
from tests.separation.networks import Gains
from tests.separation.sounds import noise

RATE = 8000


@pytest.fixture
def song(tmp_path):
    """Ten seconds, of which those from 6.2 s to 8.2 s are loud."""
    audio = 0.1 * noise(10 * RATE)
    audio[:, int(6.2 * RATE) : int(8.2 * RATE)] *= 8
    soundfile.write(tmp_path / "song.wav", audio.T, RATE, subtype="FLOAT")
    return tmp_path / "song.wav"


@pytest.mark.parametrize(("seconds", "start"), [(2.0, 6.2), (10.0, 0.0), (60.0, 0.0), (0.05, 6.2)])
def test_the_loudest_stretch_is_found(song, seconds, start):
    with AudioReader(song) as reader:
        found = loudest_start(reader, int(seconds * RATE))
    # Within a loud stretch of noise, any short one may be the loudest.
    latest = 8.2 - seconds if seconds < 1 else start
    assert start * RATE <= found <= latest * RATE


def test_of_stretches_that_are_equally_loud_it_is_the_first(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.full((5 * RATE, 1), 0.3), RATE)
    soundfile.write(tmp_path / "b.wav", np.zeros((5 * RATE, 1)), RATE)
    for name in ("a.wav", "b.wav"):
        with AudioReader(tmp_path / name) as reader:
            assert loudest_start(reader, RATE) == 0


def test_a_preview_is_the_separated_stretch(song, tmp_path):
    made = separate_song(Gains(), song, tmp_path / "out", Order(preview_seconds=2))
    assert made.start_seconds == pytest.approx(6.2)
    assert made.seconds == 2
    expected = 0.75 * read(song)[:, int(6.2 * RATE) : int(8.2 * RATE)]
    np.testing.assert_allclose(read(made.files["vocals"]), expected, atol=1e-6)
    assert separate_song(Gains(), song, tmp_path / "whole", Order()).start_seconds is None


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_preview_without_a_length_is_refused(seconds):
    with pytest.raises(ConfigError, match="must be longer than nothing"):
        Order(preview_seconds=seconds)
