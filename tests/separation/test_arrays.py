"""Stems of audio in memory."""

import numpy as np
import pytest
import soundfile
import torch

import auralflow
from auralflow.errors import AudioError
from auralflow.models.streaming.options import SeparationOptions
from tests.separation.networks import Gains
from tests.separation.sounds import noise


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_the_stems_are_arrays_of_the_songs_shape_by_target(channels):
    audio = noise(9000, channels)
    before = audio.copy()
    stems = auralflow.separate(Gains(), audio, sample_rate=8000)
    assert list(stems) == ["vocals", "drums"]
    assert stems["drums"].dtype == np.float32
    np.testing.assert_allclose(stems["vocals"], 0.75 * audio, atol=1e-6)
    np.testing.assert_allclose(stems["drums"], -0.25 * audio, atol=1e-6)
    np.testing.assert_array_equal(audio, before)


def test_a_line_of_samples_gives_stems_of_one_channel():
    audio = noise(500, 1)[0]
    stems = auralflow.separate(Gains(), audio, sample_rate=8000)
    np.testing.assert_allclose(stems["vocals"], 0.75 * audio[None], atol=1e-6)


@pytest.mark.parametrize(
    "convert",
    [
        torch.from_numpy,
        lambda audio: torch.from_numpy(audio).double().requires_grad_(),
        lambda audio: audio.astype(np.float64),
        lambda audio: audio.tolist(),
        np.asfortranarray,
    ],
    ids=["tensor", "tensor with gradient", "float64", "lists", "transposed memory"],
)
def test_tensors_and_other_floats_are_taken(convert):
    audio = noise(700)
    stems = auralflow.separate(Gains(), convert(audio), sample_rate=8000)
    np.testing.assert_allclose(stems["vocals"], 0.75 * audio, atol=1e-6)


def test_a_file_is_read_at_its_own_rate(tmp_path):
    audio = noise(4000, 3)
    soundfile.write(tmp_path / "song.wav", audio.T, 8000, subtype="FLOAT")
    for path in (tmp_path / "song.wav", str(tmp_path / "song.wav")):
        stems = auralflow.separate(Gains(), path)
        np.testing.assert_allclose(stems["vocals"], 0.75 * audio, atol=1e-6)
    with pytest.raises(AudioError, match="leave it out"):
        auralflow.separate(Gains(), tmp_path / "song.wav", sample_rate=8000)


def test_options_reach_the_network():
    model = Gains()
    options = SeparationOptions(segment_seconds=0.125, overlap=0, batch_size=2)
    auralflow.separate(model, noise(4000), sample_rate=8000, options=options)
    assert model.shapes == [(2, 2, 1000), (2, 2, 1000)]


def test_a_name_is_loaded(monkeypatch):
    asked = []

    def open_networks(name):
        asked.append(name)
        return Gains()

    monkeypatch.setattr("auralflow.separation.arrays.open_networks", open_networks)
    stems = auralflow.separate("my model", noise(100), sample_rate=8000)
    assert asked == ["my model"]
    assert list(stems) == ["vocals", "drums"]


@pytest.mark.parametrize(
    "call",
    [
        lambda model, song: auralflow.separate(model, song, sample_rate=8000),
        lambda model, song: auralflow.separate(song, model=model, sample_rate=8000),
        lambda model, song: auralflow.separate(model, audio=song, sample_rate=8000),
        lambda model, song: auralflow.separate(audio=song, model=model, sample_rate=8000),
    ],
)
def test_the_song_and_the_network_are_taken_in_either_order(call):
    song = noise(300)
    np.testing.assert_allclose(call(Gains(), song)["vocals"], 0.75 * song, atol=1e-6)


@pytest.mark.parametrize("given", [(), (Gains(),), (Gains(), noise(9), noise(9))])
def test_anything_but_one_song_and_one_network_is_refused(given):
    with pytest.raises(TypeError, match="a network and a song"):
        auralflow.separate(*given, sample_rate=8000)


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros((1000, 2), np.float32), r"1000 channels: give \(channels, samples\), here audio\.T"),
        (np.zeros((1, 2, 1000), np.float32), r"shape \(1, 2, 1000\): give one song"),
        (np.zeros((2, 0), np.float32), "give at least one"),
        (np.zeros((0, 5), np.float32), "give at least one"),
        (np.float32(1), "give one song"),
        (np.zeros((2, 10), np.int16), "int16.*floats between -1 and 1"),
        (torch.zeros(2, 10, dtype=torch.int32), "int32.*floats between -1 and 1"),
        (np.array([[0, np.nan, np.inf]]), "not finite at sample 1 and 1 others"),
    ],
)  # fmt: skip
def test_what_is_not_audio_is_refused(audio, message):
    with pytest.raises(AudioError, match=message):
        auralflow.separate(Gains(), audio, sample_rate=8000)


@pytest.mark.parametrize(
    ("rate", "message"), [(None, "pass sample_rate="), (0, "above zero"), (8000.5, "whole number")]
)
def test_the_rate_must_be_known(rate, message):
    with pytest.raises(AudioError, match=message):
        auralflow.separate(Gains(), noise(100), sample_rate=rate)
