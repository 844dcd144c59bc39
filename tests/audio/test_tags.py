"""Tags and covers, read and written."""

import struct
import zlib
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from auralflow.audio import AudioWriter, Encoding, StemWriter, Tags, read, read_tags
from tests.audio.files import noise

TEXT = {
    "title": "Naïve 歌", "artist": "A & B", "album": "Songs", "date": "2021", "genre": "Pop", "track": "3/9",
    "bpm": "128", "initialkey": "8A",
}  # fmt: skip


def png(side: int = 12) -> bytes:
    """A picture of one colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x10\x80\xf0" * side) * side
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    )


def write(path: Path, encoding: Encoding, tags: Tags, samples: int = 48_001) -> None:
    with AudioWriter(path, sample_rate=48_000, channels=2, encoding=encoding, tags=tags) as writer:
        writer.write(noise(samples=samples))


def spell(name: str) -> set[str]:
    """Those of the tags that a format has a place for."""
    few = {"title", "artist", "album", "date", "genre"}
    return few if name == "wav" else few | {"track"} if name == "m4a" else set(TEXT)


@pytest.mark.parametrize("name", ["wav", "flac", "mp3", "ogg", "opus", "m4a"])
def test_tags_and_cover_come_back_and_the_sound_is_the_same_with_and_without(tmp_path, name):
    encoding = Encoding(name)
    cover = png()
    write(tmp_path / f"with.{name}", encoding, Tags(TEXT, cover))
    write(tmp_path / f"without.{name}", encoding, Tags())
    found = read_tags(tmp_path / f"with.{name}")
    assert dict(found.text) == {key: TEXT[key] for key in spell(name)}
    assert found.cover == (b"" if name == "wav" else cover)
    assert read_tags(tmp_path / f"without.{name}") == Tags()
    np.testing.assert_array_equal(
        read(tmp_path / f"with.{name}"), read(tmp_path / f"without.{name}")
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"with.{name}", f"without.{name}"]


@pytest.mark.parametrize("name", ["flac", "mp3", "ogg", "opus", "m4a"])
@pytest.mark.parametrize("samples", [1, 480, 1000, 2049])
def test_the_shortest_files_keep_their_length_whether_or_not_they_keep_their_tags(
    tmp_path, name, samples
):
    write(tmp_path / f"a.{name}", Encoding(name), Tags(TEXT, png()), samples)
    assert read(tmp_path / f"a.{name}").shape == (2, samples)


def test_a_cover_that_is_no_picture_is_left_out(tmp_path):
    write(tmp_path / "a.flac", Encoding("flac"), Tags(TEXT, b"no picture"))
    assert read(tmp_path / "a.flac").shape == (2, 48_001)


def test_what_describes_the_file_and_not_the_music_is_left_out(tmp_path):
    soundfile.write(tmp_path / "plain.flac", noise().T, 48_000)
    with (
        av.open(str(tmp_path / "plain.flac")) as source,
        av.open(str(tmp_path / "a.flac"), "w") as target,
    ):
        stream = target.add_stream_from_template(source.streams.audio[0])
        target.metadata.update(
            {"title": "T", "replaygain_track_gain": "-7 dB", "iTunSMPB": "00 00", "TBPM": "90"}
        )
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    assert read_tags(tmp_path / "a.flac") == Tags({"title": "T", "bpm": "90"})


def test_a_file_that_is_no_audio_has_no_tags(tmp_path):
    (tmp_path / "a.mp3").write_text("this is no sound")
    assert read_tags(tmp_path / "a.mp3") == Tags()


def test_a_stem_is_told_from_its_song_by_the_title():
    assert Tags({"title": "T", "artist": "A"}).of_stem("vocals").text == {
        "title": "T (vocals)",
        "artist": "A",
    }
    assert Tags({"artist": "A"}).of_stem("vocals") == Tags({"artist": "A"})


def test_a_stem_file_has_the_tags_too(tmp_path):
    with StemWriter(
        tmp_path / "a.stem.mp4", sample_rate=44_100, channels=2, tags=Tags(TEXT, png())
    ) as writer:
        writer.write(np.stack([noise(seed=seed) for seed in range(5)]))
    found = read_tags(tmp_path / "a.stem.mp4")
    assert dict(found.text) == {key: TEXT[key] for key in spell("m4a")}
    assert found.cover == png()
