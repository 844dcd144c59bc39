import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from auralflow.audio import AudioReader, count_streams, probe, read
from auralflow.errors import AudioError
from auralflow.shapes import Audio
from tests.audio.files import (
    SOUNDFILE_FORMATS,
    noise,
    without_length,
    write_with_ffmpeg,
    write_with_soundfile,
)

# Half of the last bit of the format; the lossy ones are held to their spans and lengths below.
LOSSLESS = {
    "wav8.wav": 2**-8,
    "wav16.wav": 2**-16,
    "wav24.wav": 2**-24,
    "wav32.wav": 2**-24,
    "float.wav": 0,
    "double.wav": 0,
    "extensible.wav": 2**-24,
    "rf64.wav": 2**-16,
    "a.aiff": 2**-24,
    "a.flac": 2**-24,
}


def make(folder: Path, name: str, audio: Audio) -> Path:
    if name.endswith((".m4a", ".mka")):
        return write_with_ffmpeg(folder / name, audio, rate=48_000)
    if name == "unstated.mp3":
        path = write_with_soundfile(folder, "a.mp3", audio)
        return without_length(path).rename(folder / name)
    return write_with_soundfile(folder, name, audio)


@pytest.mark.parametrize(("name", "error"), LOSSLESS.items())
@pytest.mark.parametrize("backend", ["soundfile", "pyav"])
def test_lossless_formats_give_back_what_was_written(tmp_path, name, error, backend):
    audio = noise()
    found = read(make(tmp_path, name, audio), backend=backend)
    assert found.dtype == np.float32
    assert found.shape == audio.shape
    # libsndfile truncates when it writes, which is up to a whole last bit, and float32 has its own.
    np.testing.assert_allclose(found, audio, atol=2 * error + 1e-7)


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.opus", "a.m4a"])
@pytest.mark.parametrize("backend", ["soundfile", "pyav"])
def test_lossy_formats_come_in_time(tmp_path, name, backend):
    """The correlation with the original is highest at no delay."""
    audio = noise(samples=48_000)
    found = read(make(tmp_path, name, audio), backend=backend)
    # An MP4 says its length in milliseconds, which is exact here; the others to the sample. PyAV with an MP3 too.
    assert found.shape == audio.shape
    spectrum = np.fft.rfft(found[0]) * np.conj(np.fft.rfft(audio[0]))
    assert np.argmax(np.fft.irfft(spectrum)) == 0


NAMES = [*SOUNDFILE_FORMATS, "unstated.mp3", "a.m4a", "a.mka"]


@pytest.mark.parametrize("name", NAMES)
def test_every_span_is_the_slice_of_the_whole(tmp_path, name):
    path = make(tmp_path, name, noise(samples=150_001))
    whole = read(path)
    length = whole.shape[1]
    starts = [0, 1, 1023, 1024, 1105, 1152, 8191, 20_000, length - 3000, length - 1]
    starts += np.random.default_rng(1).integers(0, length, 12).tolist()
    for start in starts:
        span = read(path, start=start, samples=2500)
        np.testing.assert_array_equal(span, whole[:, start : start + 2500])


@pytest.mark.parametrize("name", NAMES)
def test_probe_tells_exactly_what_reading_gives(tmp_path, name):
    path = make(tmp_path, name, noise(samples=150_001, channels=1))
    info = probe(path)
    found = read(path)
    assert (info.channels, info.samples) == found.shape
    assert info.sample_rate == 48_000


@pytest.mark.parametrize("name", ["float.wav", "a.flac", "a.ogg", "unstated.mp3", "a.m4a"])
@pytest.mark.parametrize("samples", [1000, 48_000, 1_000_000])
def test_blocks_joined_are_the_whole(tmp_path, name, samples):
    path = make(tmp_path, name, noise(samples=100_003))
    with AudioReader(path) as reader:
        blocks = list(reader.blocks(samples))
        again = list(reader.blocks(samples))
    assert {block.shape[1] for block in blocks[:-1]} <= {samples}
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), read(path))
    np.testing.assert_array_equal(np.concatenate(again, axis=1), read(path))


def test_a_reader_gives_spans_in_any_order(tmp_path):
    path = make(tmp_path, "a.m4a", noise(samples=200_000))
    whole = read(path)
    with AudioReader(path) as reader:
        for start in (150_000, 10, 190_000, 100_000):
            np.testing.assert_array_equal(reader.span(start, 700), whole[:, start : start + 700])


def test_a_span_is_cut_at_the_end_as_a_slice_is(tmp_path):
    path = make(tmp_path, "wav16.wav", noise(samples=1000))
    assert read(path, start=900, samples=200).shape == (2, 100)
    assert read(path, start=5000, samples=200).shape == (2, 0)


@pytest.mark.parametrize("channels", [1, 2, 6, 24])
def test_any_number_of_channels_is_read(tmp_path, channels):
    audio = noise(channels=channels, samples=500)
    np.testing.assert_array_equal(read(make(tmp_path, "float.wav", audio)), audio)


def test_floating_point_beyond_full_scale_is_kept(tmp_path):
    soundfile.write(tmp_path / "loud.wav", np.array([1.5, -3.0]), 44_100, subtype="FLOAT")
    assert read(tmp_path / "loud.wav").tolist() == [[1.5, -3.0]]


def test_each_stream_of_a_container_is_a_recording(tmp_path):
    """As in a `.stem.mp4`; AAC at its usual rate keeps a low tone to a few per cent."""
    time = np.arange(22_050) / 44_100
    tones = [
        np.tile(0.5 * np.sin(2 * np.pi * f * time), (2, 1)).astype(np.float32)
        for f in (100, 200, 300, 400, 500)
    ]
    path = write_with_ffmpeg(tmp_path / "song.stem.mp4", *tones)
    assert count_streams(path) == 5
    for index, tone in enumerate(tones):
        info = probe(path, stream=index)
        assert info.samples == 22_050
        found = read(path, stream=index)
        # The ends are left out: the coder sees a tone that starts and stops.
        assert np.abs(found - tone)[:, 2000:20_000].max() < 0.02
    np.testing.assert_array_equal(read(path), read(path, stream=0))


def test_a_stream_that_is_not_there_is_an_error(tmp_path):
    song = write_with_ffmpeg(tmp_path / "song.mp4", noise(), noise())
    with pytest.raises(AudioError, match="2 audio streams and stream 2 was asked for"):
        probe(song, stream=2)
    wav = write_with_soundfile(tmp_path, "wav16.wav", noise())
    with pytest.raises(AudioError, match="1 audio stream and stream 1"):
        probe(wav, stream=1)
    assert count_streams(wav) == 1


@pytest.mark.parametrize(
    "name",
    ["with spaces.wav", "trailing: colon.wav", "Ключ 曲 ñ.wav", "x" * 200 + ".wav", "%d.wav"],
)
@pytest.mark.parametrize("backend", ["soundfile", "pyav"])
def test_any_name_is_read(tmp_path, name, backend):
    audio = noise(samples=300)
    write_with_soundfile(tmp_path, "float.wav", audio).rename(tmp_path / name)
    np.testing.assert_array_equal(read(tmp_path / name, backend=backend), audio)


def test_an_mp3_that_does_not_state_its_length_is_read_to_its_end(tmp_path):
    """Loud at the end only, so that a guess from the bytes of its first frames is far off.

    What states its length also states the encoder's delay: 576 samples of the encoder and 529 of the decoder.
    """
    audio = noise(samples=200_000)
    audio[:, :150_000] *= 1e-4
    path = write_with_soundfile(tmp_path, "a.mp3", audio)
    stated = read(path)
    found = read(without_length(path))
    assert found.shape[1] >= stated.shape[1] + 1105
    np.testing.assert_allclose(found[:, 1105 : 1105 + stated.shape[1]], stated, atol=1e-4)
    assert probe(path).samples == found.shape[1]


@pytest.mark.real_data
def test_real_stems_add_up_to_their_mixture():
    """All five streams of a MUSDB18 file start at the same sample: moved by one sample, their sum fits far worse."""
    root = os.environ.get("AURALFLOW_REAL_DATA")
    if not root:
        pytest.skip("AURALFLOW_REAL_DATA is not set")
    paths = sorted(Path(root).glob("musdb18-7s/train/*.stem.mp4"))[:3]
    assert paths
    for path in paths:
        mixture, *stems = (read(path, stream=stream) for stream in range(5))
        away = [np.abs(np.roll(sum(stems), shift, 1) - mixture).mean() for shift in (-1, 0, 1)]
        assert 2 * away[1] < min(
            away[0], away[2]
        )  # AAC codes each on its own, so the sum is never exact
        for start in (0, 100_000, 290_000):
            span = read(path, start=start, samples=5000, stream=3)
            np.testing.assert_array_equal(span, stems[2][:, start : start + 5000])
