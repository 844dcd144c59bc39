"""The report as a file: nothing outside of it is needed, and no name breaks it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO

import av
import numpy as np
import pytest

from auralflow.errors import AudioError
from auralflow.report.listening import ListeningTrack, write_listening_report
from auralflow.report.listening.coding import encode
from tests.report.listening import HOSTILE, RATE, noise, page, row, track


def test_the_file_asks_for_nothing_outside_of_itself(tmp_path):
    write_listening_report(tmp_path / "report.html", page())
    written = (tmp_path / "report.html").read_text(encoding="utf-8")
    # Names of namespaces are no addresses.
    assert set(re.findall(r"https?://[^\"'\s)]+", written)) <= {"http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"}  # fmt: skip
    assert not re.search(r"<(link|iframe|img|audio)\b|<script[^>]+src=|@import|url\(", written.split("<script>")[0])  # fmt: skip
    assert "default-src 'none'" in written


def test_the_libraries_come_with_their_licence(tmp_path):
    write_listening_report(tmp_path / "report.html", page(tracks=()))
    assert "katspaugh and contributors" in (tmp_path / "report.html").read_text(encoding="utf-8")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.scripts += tag == "script"


def test_a_name_that_looks_like_markup_stays_a_name(tmp_path):
    song = ListeningTrack(HOSTILE, RATE, noise(0), {HOSTILE: noise(0)}, {HOSTILE: {HOSTILE: noise(0)}})  # fmt: skip
    rows = [row(HOSTILE, HOSTILE, 1.0, target=HOSTILE, metric=HOSTILE)]
    write_listening_report(
        tmp_path / "report.html",
        page(title=HOSTILE, models=(HOSTILE,), rows=rows, tracks=[song], facts=[HOSTILE]),
    )
    parser = _Tags()
    parser.feed((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert parser.scripts == 2  # the track's data, and the page's own


def test_tracks_are_asked_for_one_at_a_time_and_a_failure_leaves_no_half_file(tmp_path):
    def tracks() -> Iterator[ListeningTrack]:
        yield track()
        raise AudioError("song.mp3 is damaged: replace it")

    (tmp_path / "report.html").write_text("old")
    with pytest.raises(AudioError, match=r"song\.mp3 is damaged"):
        write_listening_report(tmp_path / "report.html", page(tracks=tracks()))
    assert (tmp_path / "report.html").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8000, 44_100, 48_000])
def test_coded_audio_has_the_length_and_the_place_of_the_original(channels, rate):
    audio = np.zeros((channels, rate), np.float32)
    audio[:, rate // 2] = 0.9  # a click in the middle
    with av.open(BytesIO(encode(audio, rate)), "r") as container:
        blocks = [frame.to_ndarray() for frame in container.decode(audio=0)]
    decoded = np.abs(np.concatenate(blocks, axis=1)).max(0)
    assert len(decoded) == 48_000
    assert abs(int(decoded.argmax()) - 24_000) <= 3


def test_a_minute_of_stereo_costs_a_megabyte():
    # 2 x 64 kbit/s are 0.96 MB; the rest is the container.
    assert len(encode(noise(0, seconds=10), RATE)) < 1.1e6 / 6
