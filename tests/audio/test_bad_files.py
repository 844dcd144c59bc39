"""Every file that cannot be used is named in an error, with what is wrong and what to do."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from auralflow.audio import AudioReader, count_streams, probe, read
from auralflow.errors import AudioError
from tests.audio.files import noise, write_with_ffmpeg, write_with_soundfile


@pytest.mark.parametrize(
    "suffix", ["wav", "mp3", "flac", "ogg", "opus", "m4a", "aiff", "aac", "mp4"]
)
@pytest.mark.parametrize("content", [b"these are words, no music\n" * 200, b"\0" * 5000, b"RIFF"])
def test_what_is_not_audio_is_named(tmp_path, suffix, content):
    path = tmp_path / f"song.{suffix}"
    path.write_bytes(content)
    for ask in (probe, count_streams, read):
        with pytest.raises(AudioError, match=f"song.{suffix}"):
            ask(path)


def test_a_missing_file_an_empty_one_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(AudioError, match=r"no file .*song.wav"):
        probe(tmp_path / "song.wav")
    (tmp_path / "empty.wav").touch()
    with pytest.raises(AudioError, match=r"0 bytes"):
        probe(tmp_path / "empty.wav")
    with pytest.raises(AudioError, match=r"is a folder"):
        probe(tmp_path)


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    path = write_with_soundfile(tmp_path, "wav16.wav", noise())

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(AudioError, match=r"wav16.wav may not be read"):
        probe(path)


@pytest.mark.parametrize("name", ["wav16.wav", "float.wav", "a.aiff"])
def test_a_header_without_samples_is_of_no_length(tmp_path, name):
    path = write_with_soundfile(tmp_path, name, noise(samples=0))
    with pytest.raises(AudioError, match=r"0 samples"):
        probe(path)


@pytest.mark.parametrize("name", ["wav16.wav", "float.wav", "rf64.wav", "a.aiff", "a.mp3"])
@pytest.mark.parametrize("backend", ["soundfile", "pyav"])
def test_a_file_shorter_than_its_header_says_is_refused_before_it_is_read(
    tmp_path, name, backend, capfd
):
    path = write_with_soundfile(tmp_path, name, noise())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match=r"cut off, .* bytes short"):
        probe(path, backend=backend)
    assert capfd.readouterr().err == ""  # libsndfile's MP3 library has its own say there


def test_a_cut_flac_fails_where_it_is_cut(tmp_path):
    path = write_with_soundfile(tmp_path, "a.flac", noise(samples=200_000))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert read(path, samples=50_000).shape == (2, 50_000)
    with pytest.raises(AudioError, match=r"a\.flac is damaged"):
        read(path, start=150_000, samples=1000)
    with pytest.raises(AudioError, match=r"a\.flac is damaged"), AudioReader(path) as reader:
        list(reader.blocks(10_000))


def test_a_flac_damaged_in_the_middle_fails_there(tmp_path):
    path = write_with_soundfile(tmp_path, "a.flac", noise(samples=200_000))
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half : half + 3000] = bytes(3000)
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"a\.flac is damaged"):
        read(path)


@pytest.mark.parametrize("flags", ["", "faststart"])
def test_a_cut_mp4_is_refused(tmp_path, flags):
    """With its index at the end it cannot be opened; with the index in front it ends early."""
    options = {"movflags": flags} if flags else {}
    path = write_with_ffmpeg(tmp_path / "a.m4a", noise(samples=300_000), **options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match=r"a\.m4a"):
        read(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_placed(tmp_path, value):
    audio = noise(samples=40_000, channels=2)
    audio[1, 22_050] = value
    soundfile.write(tmp_path / "a.wav", audio.T, 44_100, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"a\.wav .*0\.500 s"):
        read(tmp_path / "a.wav")
    with pytest.raises(AudioError, match=r"0\.500 s"), AudioReader(tmp_path / "a.wav") as reader:
        list(reader.blocks(1000))
    assert read(tmp_path / "a.wav", samples=22_050).shape == (2, 22_050)


def test_a_streamed_wav_that_does_not_know_its_size_is_read_to_its_end(tmp_path):
    """As FFmpeg writes to a pipe: both sizes are 0xFFFFFFFF."""
    path = write_with_soundfile(tmp_path, "wav16.wav", noise(samples=1000))
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[4:8] = content[at : at + 4] = b"\xff" * 4
    path.write_bytes(content)
    assert probe(path).samples == 1000
