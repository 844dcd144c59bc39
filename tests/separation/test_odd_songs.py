"""Songs that are not what one expects of a song: each is separated, or named and left out."""

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from auralflow.audio import AudioWriter, Encoding, Tags, probe, read, read_tags
from auralflow.errors import AudioError
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation import Order, separate_file, separate_songs
from auralflow.separation.song import separate_song
from tests.audio.test_tags import png
from tests.separation.networks import Gains
from tests.separation.sounds import noise, tone


def square(samples: int) -> np.ndarray:
    """As loud as can be, and beyond it half of the time where a file can hold that."""
    return np.where(tone(samples, sample_rate=8000) < 0, -1, 1).astype(np.float32)


SOUNDS = {
    "8 kHz mono": (noise(8000, 1), 8000),
    "192 kHz": (noise(30_000), 192_000),
    "5.1 channels": (noise(20_000, 6), 48_000),
    "DC": (np.full((2, 20_000), 0.7, np.float32), 44_100),
    "silence": (np.zeros((2, 20_000), np.float32), 44_100),
    "clipping": (square(20_000), 44_100),
    "beyond full scale": (3 * square(20_000), 44_100),
    "10 ms": (noise(441), 44_100),
    "one sample": (noise(1), 44_100),
    "an odd rate": (noise(9000), 11_127),
}


@pytest.mark.parametrize("kind", SOUNDS)
def test_stems_have_its_rate_channels_and_length_and_sum_to_it(tmp_path, kind):
    audio, rate = SOUNDS[kind]
    soundfile.write(tmp_path / "song.wav", audio.T, rate, subtype="FLOAT")
    made = separate_file(Gains(), tmp_path / "song.wav", tmp_path / "out")
    stems = {name: read(file) for name, file in made.files.items()}
    assert {probe(file).sample_rate for file in made.files.values()} == {rate}
    assert {stem.shape for stem in stems.values()} == {audio.shape}
    np.testing.assert_allclose(sum(stems.values()), audio, atol=1e-6)
    if kind in ("silence", "DC"):
        # Resampled to 8 kHz and back, a constant stays one but for its ends.
        middle = stems["vocals"][:, 5000:15_000]
        np.testing.assert_allclose(middle, 0.75 * audio[:, 5000:15_000], atol=1e-4)


@pytest.mark.parametrize("name", ["flac", "mp3", "ogg", "opus", "m4a", "stem.mp4"])
@pytest.mark.parametrize("samples", [1, 441, 12_345])
def test_short_songs_keep_their_length_in_every_format(tmp_path, name, samples):
    soundfile.write(tmp_path / "song.wav", noise(samples).T, 48_000)
    encoding = Encoding(name)
    made = separate_file(Gains(), tmp_path / "song.wav", tmp_path / "out", encoding=encoding)
    assert {probe(file).samples for file in made.files.values()} == {samples}


def write_video(path: Path, sound: np.ndarray, rate: int = 44_100) -> None:
    """A second of grey pictures with a sound track."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=10)
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        audio = container.add_stream("aac", rate=rate, layout="stereo")
        for _ in range(10):
            picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 90, np.uint8), "rgb24")
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), "fltp", "stereo")
        frame.sample_rate, frame.pts = rate, 0
        container.mux(audio.encode(frame))
        container.mux(audio.encode(None))


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov", "avi"])
def test_the_sound_of_a_video_is_separated(tmp_path, suffix):
    sound = tone(44_100, sample_rate=44_100)
    (tmp_path / "in").mkdir()
    write_video(tmp_path / "in" / f"clip.{suffix}", sound)
    network = Gains(sample_rate=44_100)
    outcome = separate_songs(network, [tmp_path / "in"], tmp_path / "out")
    [made] = outcome.results
    heard = read(tmp_path / "in" / f"clip.{suffix}")
    np.testing.assert_allclose(read(made.files["vocals"]), 0.75 * heard, atol=1e-6)
    # Some containers keep the encoder's delay; the tone is there all the same.
    assert abs(np.abs(heard).max() - 0.5) < 0.05


def test_text_that_is_called_mp3_is_named_and_the_rest_go_on(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.mp3").write_text("la la la " * 400)
    soundfile.write(tmp_path / "in" / "b.wav", noise(900).T, 8000)
    outcome = separate_songs(Gains(), [tmp_path / "in"], tmp_path / "out")
    [failure] = outcome.failures
    assert failure.source.name == "a.mp3"
    assert "a.mp3 is not audio that can be read" in failure.reason
    assert [result.source.name for result in outcome.results] == ["b.wav"]
    with pytest.raises(AudioError, match=r"a\.mp3 is not audio"):
        separate_songs(Gains(), [tmp_path / "in" / "a.mp3"], tmp_path / "out")


@pytest.mark.parametrize(
    ("subtype", "bits", "written"),
    [("PCM_U8", 8, "PCM_16"), ("PCM_16", 16, "PCM_16"), ("PCM_24", 24, "PCM_24"), ("FLOAT", 32, "FLOAT")],
)  # fmt: skip
def test_the_bits_of_the_song_are_kept_where_that_is_asked_for(tmp_path, subtype, bits, written):
    soundfile.write(tmp_path / "song.wav", noise(900).T, 8000, subtype=subtype)
    assert probe(tmp_path / "song.wav").bits == bits
    order = Order(Encoding("wav", 32, follows_song=True))
    made = separate_song(Gains(), tmp_path / "song.wav", tmp_path / "out", order)
    assert soundfile.info(made.files["vocals"]).subtype == written


@pytest.mark.parametrize("name", ["flac", "mp3", "m4a", "stem.mp4"])
def test_tags_and_cover_go_from_the_song_to_its_stems(tmp_path, name):
    tags = Tags({"title": "T", "artist": "A"}, png())
    song = tmp_path / "song.mp3"
    with AudioWriter(
        song, sample_rate=44_100, channels=2, encoding=Encoding("mp3"), tags=tags
    ) as writer:
        writer.write(noise(44_100))
    made = separate_song(Gains(), song, tmp_path / "out", Order(Encoding(name)))
    for stem, file in made.files.items():
        title = "T" if name == "stem.mp4" else f"T ({stem})"
        assert read_tags(file) == Tags({"title": title, "artist": "A"}, png())
    without = separate_song(Gains(), song, tmp_path / "none", Order(Encoding(name), tags=False))
    assert not any(read_tags(file) for file in without.files.values())


@pytest.mark.slow
def test_ten_hours_are_separated_to_files_that_a_wav_header_cannot_count(tmp_path, monkeypatch):
    # At the rate of telephones ten hours are half a gigabyte, so the header's limit is lowered to a quarter.
    monkeypatch.setattr("auralflow.audio.encoded._LARGEST_WAV", 2**28)
    rate, seconds = 8000, 10 * 3600
    samples, song = seconds * rate, tmp_path / "song.wav"
    soundfile.write(song, np.zeros(1), rate)
    header = song.stat().st_size - 2
    with song.open("r+b") as file:
        # Silence that takes no place on the disk, and a second of sound at the end.
        file.truncate(header + 2 * (samples - rate))
        file.seek(0, 2)
        file.write((noise(rate, 1).T * 32_767).astype("<i2").tobytes())
        file.seek(4)
        file.write((header - 8 + 2 * samples).to_bytes(4, "little"))
        file.seek(header - 4)
        file.write((2 * samples).to_bytes(4, "little"))
    assert probe(song).seconds == seconds
    made = separate_file(
        Gains({"vocals": 0.5}, channels=1), song, tmp_path / "out", encoding=Encoding("wav", 16),
        residual=False, options=SeparationOptions(segment_seconds=60, overlap=0.0, window="flat"),
    )  # fmt: skip
    file = made.files["vocals"]
    with file.open("rb") as opened:
        assert opened.read(4) == b"RF64"
    assert probe(file).samples == samples
    found = read(file, start=samples - rate)
    np.testing.assert_allclose(found, 0.5 * read(song, start=samples - rate), atol=2**-15)
    assert not read(file, start=samples // 2, samples=rate).any()
