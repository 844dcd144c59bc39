"""Stem files: what other programs look for in them, and that MUSDB's layout reads them."""

import json
from pathlib import Path

import numpy as np
import pytest

from auralflow.audio import StemWriter, count_streams, read
from auralflow.audio.stem_box import add_stem_box
from auralflow.datasets.layouts.musdb_stem import MUSDB_STEM
from auralflow.errors import OutputError
from tests.audio.files import noise


def write(
    path: Path, samples: int = 44_117, *, channels: int = 2, rate: int = 44_100
) -> np.ndarray:
    streams = np.stack([noise(seed=seed, samples=samples, channels=channels) for seed in range(5)])
    with StemWriter(path, sample_rate=rate, channels=channels) as writer:
        for start in range(0, samples, 5000):
            writer.write(streams[..., start : start + 5000])
    return streams


def boxes(content: bytes) -> list[tuple[bytes, bytes]]:
    """Names and contents of the boxes in a row."""
    found, at = [], 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4])
        found.append((content[at + 4 : at + 8], content[at + 8 : at + size]))
        at += size
    return found


@pytest.mark.parametrize("samples", [1, 1024, 44_117])
def test_the_streams_are_those_that_were_written_to_the_sample(tmp_path, samples):
    path = tmp_path / "a.stem.mp4"
    streams = write(path, samples)
    assert count_streams(path) == 5
    for number, expected in enumerate(streams):
        found = read(path, stream=number)
        assert found.shape == expected.shape
        if samples > 2000:
            # Any shift would leave less than half of this noise correlated.
            assert np.corrcoef(found[0], expected[0])[0, 1] > 0.95


def test_our_own_layout_finds_mixture_and_stems_in_it(tmp_path):
    streams = write(tmp_path / "a.stem.mp4")
    [track] = MUSDB_STEM.find(tmp_path)
    assert track.mixture is not None
    assert track.mixture.stream == 0
    for name, number in {"drums": 1, "bass": 2, "other": 3, "vocals": 4}.items():
        [source] = track.stems[name]
        found = read(source.path, stream=source.stream)
        assert np.corrcoef(found[1], streams[number, 1])[0, 1] > 0.95
    assert StemWriter.STEMS == ("drums", "bass", "other", "vocals")


def test_dj_programs_find_what_they_look_for(tmp_path):
    write(tmp_path / "a.stem.mp4")
    content = dict(boxes((tmp_path / "a.stem.mp4").read_bytes()))
    index = boxes(content[b"moov"])
    about = json.loads(dict(boxes(dict(index)[b"udta"]))[b"stem"])
    assert about["version"] == 1
    assert [stem["name"] for stem in about["stems"]] == ["Drums", "Bass", "Other", "Vocals"]
    assert all(len(stem["color"]) == 7 for stem in about["stems"])
    assert about["mastering_dsp"]["limiter"]["enabled"] is False
    headers = [dict(boxes(track))[b"tkhd"] for name, track in index if name == b"trak"]
    # Bit 0 of a track's flags: whether players that know of no stems play it.
    assert [header[3] & 1 for header in headers] == [1, 0, 0, 0, 0]


def test_an_mp4_whose_index_comes_first_is_not_touched(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\0\0\0\x08moov\0\0\0\x08mdat")
    with pytest.raises(ValueError, match="not with its index"):
        add_stem_box(path, ["a", "b", "c", "d"])
    assert path.read_bytes() == b"\0\0\0\x08moov\0\0\0\x08mdat"


def test_a_file_with_wide_boxes_and_user_data_keeps_them(tmp_path):
    path = tmp_path / "a.mp4"
    wide = b"\0\0\0\x01mdat" + (20).to_bytes(8) + b"1234"
    inner = b"\0\0\0\x0cmvhd1234" + b"\0\0\0\x10udta" + b"\0\0\0\x08name"
    path.write_bytes(wide + (8 + len(inner)).to_bytes(4) + b"moov" + inner)
    add_stem_box(path, ["a", "b", "c", "d"])
    content = path.read_bytes()
    assert content.startswith(wide)
    index = dict(boxes(dict(boxes(content[len(wide) :]))[b"moov"]))
    assert index[b"mvhd"] == b"1234"
    assert [name for name, _ in boxes(index[b"udta"])] == [b"name", b"stem"]


def test_what_a_stem_file_cannot_hold_is_said(tmp_path):
    with pytest.raises(OutputError, match="at most 2 channels, not 6: choose wav or flac"):
        write(tmp_path / "a.stem.mp4", channels=6)
    with pytest.raises(OutputError, match="does not come at 192000 Hz"):
        write(tmp_path / "a.stem.mp4", rate=192_000)
    assert list(tmp_path.iterdir()) == []
