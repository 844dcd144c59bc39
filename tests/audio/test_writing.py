import errno
import os
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from auralflow.audio import (
    AudioInfo,
    AudioWriter,
    Encoding,
    probe,
    read,
    resample,
    resampled_length,
)
from auralflow.errors import ConfigError, OutputError
from auralflow.shapes import Audio
from tests.audio.files import noise

LOSSLESS = [
    (Encoding("wav", 16), 2**-16),
    (Encoding("wav", 24), 2**-24),
    (Encoding("wav", 32), 0),
    (Encoding("flac", 16), 2**-16),
    (Encoding("flac", 24), 2**-24),
]
LOSSY = [Encoding("mp3"), Encoding("ogg"), Encoding("opus"), Encoding("m4a")]
ALL = [encoding for encoding, _ in LOSSLESS] + LOSSY


def name_of(value):
    return f"{value.format}{value.bits}" if isinstance(value, Encoding) else None


def listed(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def write(
    path: Path,
    audio: Audio,
    encoding: Encoding,
    *,
    block: int = 5000,
    rate: int | None = None,
    **options: Any,
) -> int:
    # Opus would be resampled from 44.1 kHz, which has a test of its own.
    rate = rate or (48_000 if encoding.format == "opus" else 44_100)
    with AudioWriter(
        path, sample_rate=rate, channels=audio.shape[0], encoding=encoding, **options
    ) as writer:
        for start in range(0, audio.shape[1], block):
            writer.write(audio[:, start : start + block])
    return writer.clipped


@pytest.mark.parametrize(("encoding", "half_bit"), LOSSLESS, ids=name_of)
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_lossless_audio_comes_back_to_half_a_bit(tmp_path, encoding, half_bit, channels):
    audio = noise(channels=channels, samples=20_001)
    path = tmp_path / f"a{encoding.suffix}"
    assert write(path, audio, encoding) == 0
    found = read(path)
    assert found.shape == audio.shape
    assert np.abs(found - audio).max() <= half_bit + 2**-24
    assert listed(tmp_path) == [path.name]


@pytest.mark.parametrize("encoding", LOSSY, ids=name_of)
def test_lossy_audio_keeps_length_and_time(tmp_path, encoding):
    """A tone at 440 Hz, which these rates of coding keep to better than 40 dB."""
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(44_117) / 44_100)
    audio = np.stack([tone, -tone]).astype(np.float32)
    path = tmp_path / f"a{encoding.suffix}"
    assert write(path, audio, encoding) == 0
    found = read(path)
    assert found.shape == audio.shape
    middle = slice(4000, 40_000)
    error = np.mean((found - audio)[:, middle] ** 2)
    assert 10 * np.log10(np.mean(audio[:, middle] ** 2) / error) > 40


def test_a_long_write_at_once_is_cut_into_pieces(tmp_path):
    """libsndfile's Vorbis encoder crashes on a write of some minutes; this one is 100 s."""
    audio = np.tile(noise(channels=1, samples=22_050), (1, 200))
    write(tmp_path / "a.ogg", audio, Encoding("ogg"), block=audio.shape[1])
    assert probe(tmp_path / "a.ogg").samples == audio.shape[1]


@pytest.mark.parametrize("encoding", ALL, ids=name_of)
def test_samples_beyond_full_scale_are_counted_and_cut_where_the_format_clips(tmp_path, encoding):
    audio = np.zeros((2, 4000), np.float32)
    audio[0, 100:200] = 1.5
    audio[1, 300:350] = -7
    audio[1, 400:450] = 1.0
    path = tmp_path / f"a{encoding.suffix}"
    clipped = write(path, audio, encoding)
    found = read(path)
    if encoding == Encoding("wav", 32):
        assert clipped == 0
        np.testing.assert_array_equal(found, audio)
        return
    assert clipped == 150
    assert found[0, 150] > 0.8  # no wrap-around: what was too loud is still loud, on the same side
    assert found[1, 325] < -0.8
    assert np.abs(found).max() < 1.3  # lossy formats swing over a little at an edge
    if encoding not in LOSSY:
        np.testing.assert_allclose(found, np.clip(audio, -1, 1), atol=2**-15)


@pytest.mark.parametrize("encoding", ALL, ids=name_of)
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_is_left_when_the_work_is_broken_off(tmp_path, encoding, error):
    def fail() -> None:
        with AudioWriter(
            tmp_path / "a", sample_rate=44_100, channels=2, encoding=encoding
        ) as writer:
            writer.write(noise())
            assert len(listed(tmp_path)) == 1
            raise error

    with pytest.raises(error):
        fail()
    assert listed(tmp_path) == []


def test_an_existing_file_is_kept_without_force_and_replaced_with_it(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"precious")
    with pytest.raises(OutputError, match=r"a\.wav exists already: pass --force"):
        write(path, noise(), Encoding())
    assert path.read_bytes() == b"precious"
    write(path, noise(), Encoding(), force=True)
    assert probe(path).samples == 48_000


def test_a_file_that_appeared_meanwhile_is_kept(tmp_path):
    path = tmp_path / "a.wav"
    writer = AudioWriter(path, sample_rate=44_100, channels=2)
    writer.__enter__()
    writer.write(noise())
    path.write_bytes(b"precious")
    with pytest.raises(OutputError, match="exists already"):
        writer.__exit__(None, None, None)
    assert path.read_bytes() == b"precious"
    assert listed(tmp_path) == ["a.wav"]


@pytest.mark.parametrize("encoding", ALL, ids=name_of)
@pytest.mark.parametrize("room", [0, 100, 20_000])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path, monkeypatch, encoding, room):
    class Disk(FileIO):
        """Takes a part of a write as a file system does, then is full; writing over what it has is free."""

        def write(self, data) -> int:
            left = room - self.tell()
            if left <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(bytes(data)[:left])

    monkeypatch.setattr(Path, "open", lambda path, mode, **_: Disk(path, mode))
    with pytest.raises(OutputError, match=r"No space left on device.*: free some space"):
        write(tmp_path / "a", noise(samples=100_000), encoding)
    assert listed(tmp_path) == []


def test_folders_that_cannot_be_written_to_are_told_apart(tmp_path, monkeypatch):
    with pytest.raises(OutputError, match="make the folder first"):
        write(tmp_path / "absent" / "a.wav", noise(), Encoding())
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="choose a folder, not a file"):
        write(tmp_path / "file" / "a.wav", noise(), Encoding())
    with pytest.raises(OutputError, match="is a folder"):
        write(tmp_path, noise(), Encoding(), force=True)
    with pytest.raises(OutputError, match="choose a shorter name"):
        write(tmp_path / ("x" * 300), noise(), Encoding())

    def refuse(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(OutputError, match="choose a folder that can be written"):
        write(tmp_path / "a.wav", noise(), Encoding())


@pytest.mark.parametrize("name", ["with spaces.wav", "Ключ 曲 ñ.wav", "x" * 251 + ".wav"])
def test_any_name_is_written(tmp_path, name):
    write(tmp_path / name, noise(samples=10), Encoding())
    assert listed(tmp_path) == [name]


@pytest.mark.parametrize(
    ("encoding", "rate", "channels", "said"),
    [
        (Encoding("mp3"), 96_000, 2, "only at 8000, .*48000: resample, or choose flac"),
        (Encoding("mp3"), 44_100, 3, "at most 2 channels, not 3: choose wav or flac"),
        (Encoding("opus"), 48_000, 6, "at most 2 channels, not 6: choose wav or flac"),
        (Encoding("m4a"), 192_000, 2, "only at 7350, .*96000: resample, or choose flac"),
        (Encoding("flac"), 44_100, 9, "at most 8 channels, not 9: choose wav"),
        (Encoding("flac"), 700_000, 1, "up to 655350 Hz"),
    ],
)
def test_what_a_format_cannot_hold_is_said_with_the_remedy(
    tmp_path, encoding, rate, channels, said
):
    with pytest.raises(OutputError, match=said):
        AudioWriter(tmp_path / "a", sample_rate=rate, channels=channels, encoding=encoding)


@pytest.mark.parametrize("rate", [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 48_000])
def test_every_rate_that_mp3_is_said_to_have_works(tmp_path, rate):
    write(tmp_path / "a.mp3", noise(samples=rate), Encoding("mp3"), rate=rate)
    info = probe(tmp_path / "a.mp3")
    assert (info.sample_rate, info.samples) == (rate, rate)


@pytest.mark.parametrize(
    ("format_", "rate"), [("flac", 655_350), ("ogg", 192_000), ("wav", 768_000)]
)
def test_high_rates_work_where_no_objection_is_made(tmp_path, format_, rate):
    write(tmp_path / "a", noise(samples=4000), Encoding(format_), rate=rate)
    assert probe(tmp_path / "a").sample_rate == rate


def test_encodings_that_do_not_exist_are_refused():
    with pytest.raises(
        ConfigError, match=r"choose one of wav, flac, mp3, ogg, opus, m4a, stem\.mp4"
    ):
        Encoding("aac")  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(ConfigError, match="flac is not written with 32 bits: choose one of 16, 24"):
        Encoding("flac", 32)


def test_samples_that_are_no_numbers_are_not_written(tmp_path):
    audio = noise()
    audio[0, 5] = np.nan
    with pytest.raises(OutputError, match="no finite numbers"):
        write(tmp_path / "a.wav", audio, Encoding())
    assert listed(tmp_path) == []


def test_a_wav_file_does_not_outgrow_its_header(tmp_path, monkeypatch):
    monkeypatch.setattr("auralflow.audio.encoded._LARGEST_WAV", 100_000)
    with pytest.raises(OutputError, match="4 GiB of a wav file: choose flac"):
        write(tmp_path / "a.wav", noise(), Encoding())
    write(tmp_path / "a.flac", noise(), Encoding("flac"))


def test_a_wav_file_that_is_known_to_outgrow_its_header_is_rf64(tmp_path, monkeypatch):
    monkeypatch.setattr("auralflow.audio.encoded._LARGEST_WAV", 100_000)
    audio = noise()
    for encoding in (Encoding("wav", 16), Encoding("wav", 32)):
        path = tmp_path / f"{encoding.bits}.wav"
        write(path, audio, encoding, samples=audio.shape[1])
        assert path.read_bytes()[:4] == b"RF64"
        np.testing.assert_allclose(read(path), audio, atol=2**-16)
    write(tmp_path / "short.wav", audio[:, :100], Encoding(), samples=100)
    assert (tmp_path / "short.wav").read_bytes()[:4] == b"RIFF"


def test_opus_of_a_rate_that_it_does_not_have_is_the_same_sound_at_48_khz(tmp_path):
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(44_117) / 44_100)
    audio = np.stack([tone, -tone]).astype(np.float32)
    write(tmp_path / "a.opus", audio, Encoding("opus"), rate=44_100)
    info = probe(tmp_path / "a.opus")
    assert (info.sample_rate, info.samples) == (
        48_000,
        resampled_length(44_117, source=44_100, wanted=48_000),
    )
    found = resample(read(tmp_path / "a.opus"), source=48_000, wanted=44_100)
    middle = slice(4000, 40_000)
    error = np.mean((found[:, middle] - audio[:, middle]) ** 2)
    assert 10 * np.log10(np.mean(audio[:, middle] ** 2) / error) > 40


@pytest.mark.parametrize(
    ("name", "samples", "channels"),
    [("opus", 1, 1), ("opus", 480, 2), ("opus", 50_001, 2), ("m4a", 1, 1), ("m4a", 50_001, 6), ("m4a", 50_001, 3)],
)  # fmt: skip
def test_lossy_formats_keep_every_length_the_channels_and_their_order(
    tmp_path, name, samples, channels
):
    audio = noise(channels=channels, samples=samples)
    path = tmp_path / f"a.{name}"
    write(path, audio, Encoding(name))
    found = read(path)
    assert found.shape == audio.shape
    if samples > 1000:
        likeness = np.abs(np.corrcoef(audio, found)[:channels, channels:])
        np.testing.assert_array_equal(likeness.argmax(axis=0), np.arange(channels))
        # The fourth of six is for low frequencies, and nothing else of it is kept.
        full = [place for place in range(channels) if (place, channels) != (3, 6)]
        assert likeness.diagonal()[full].min() > 0.9


@pytest.mark.parametrize(
    ("encoding", "bits", "expected"),
    [
        ("wav", 16, 16), ("wav", 8, 16), ("wav", 24, 24), ("wav", 32, 32), ("wav", 64, 32), ("wav", None, 32),
        ("flac", 16, 16), ("flac", 32, 24), ("flac", None, 24),
    ],
)  # fmt: skip
def test_bits_of_the_input_are_those_that_hold_them(encoding, bits, expected):
    song = AudioInfo(44_100, 2, 1000, bits)
    assert Encoding(encoding, 24, follows_song=True).suited_to(song) == Encoding(encoding, expected)
    assert Encoding(encoding, 24).suited_to(song) == Encoding(encoding, 24)


def test_the_file_has_the_permissions_of_any_new_file(tmp_path):
    write(tmp_path / "a.wav", noise(), Encoding())
    (tmp_path / "plain").touch()
    assert (tmp_path / "a.wav").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_wav_file_is_what_other_programs_expect(tmp_path):
    write(tmp_path / "a.wav", noise(), Encoding("wav", 24))
    info = soundfile.info(tmp_path / "a.wav")
    assert (info.format, info.subtype, info.samplerate) == ("WAV", "PCM_24", 44_100)
