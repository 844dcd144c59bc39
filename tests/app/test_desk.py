"""What each button does, without a browser: sound in, stems and sentences out."""

import json
import re
import threading
import zipfile
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auralflow.app import desk as desk_module
from auralflow.app.config import AppConfig
from auralflow.app.desk import Desk
from auralflow.app.networks import Networks, find_networks
from auralflow.app.songs import compose_sample
from auralflow.app.visits import Visits
from auralflow.audio import read
from auralflow.errors import DownloadError
from auralflow.separation import SeparationConfig
from tests.app.session import noise, session_at

TARGETS = ("drums", "vocals")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    session = session_at(tmp_path / "study", {"band": TARGETS})
    networks = Networks(find_networks(session))
    config = AppConfig(max_minutes=0.1)
    return Desk(networks, config, SeparationConfig(segment=1.0), Visits(tmp_path / "visits"))


def quiet(share: float, words: str) -> None:
    """Progress that nobody looks at."""


def player_data(desk: Desk) -> dict[str, Any]:
    result = desk.visits.of("me").result
    assert result is not None
    page = (result.folder / "player.html").read_text()
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


def test_a_song_becomes_stems_that_sum_to_it_a_player_and_an_archive(desk, tmp_path):
    song = noise(tmp_path / "A <b>song.wav")
    told = []
    words, shown = desk.separate("me", "band", str(song), lambda *step: told.append(step))
    assert words == ""
    assert "<b>" not in shown
    result = desk.visits.of("me").result
    assert list(result.files) == [*TARGETS, "residual"]
    assert np.abs(sum(read(path) for path in result.files.values()) - read(song)).max() < 1e-6
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert told[-1] == (1.0, "Done")

    data = player_data(desk)
    assert data["targets"] == [*TARGETS, "residual"]
    assert data["truth"] == {}
    assert [model["name"] for model in data["models"]] == ["band"]

    links = re.findall(r'(?:href|src)="result/(\w+)/([^"]+)"', shown)
    assert [name for _, name in links] == ["drums.wav", "vocals.wav", "residual.wav", "stems.zip", "player.html"]  # fmt: skip
    for token, name in links:
        assert desk.visits.result(token).file(name).is_file()
    with zipfile.ZipFile(result.folder / "stems.zip") as archive:
        assert archive.namelist() == [f"A <b>song - {stem}.wav" for stem in result.files]
        assert archive.read(archive.namelist()[0]) == (result.folder / "drums.wav").read_bytes()


def test_the_player_of_a_composed_song_has_its_true_stems(desk):
    visit = desk.visits.of("me")
    visit.sample = compose_sample(3, visit.new_folder(), seconds=0.5)
    mixture = visit.sample.mixture
    assert np.abs(sum(read(path) for path in visit.sample.truth.values()) - read(mixture)).max() < 1e-6  # fmt: skip
    desk.separate("me", "band", str(mixture), quiet)
    assert set(player_data(desk)["truth"]) == set(TARGETS)


def test_another_song_of_the_samples_name_is_not_taken_for_it(desk, tmp_path):
    visit = desk.visits.of("me")
    visit.sample = compose_sample(3, visit.new_folder(), seconds=0.5)
    desk.separate("me", "band", str(noise(tmp_path / visit.sample.mixture.name)), quiet)
    assert player_data(desk)["truth"] == {}


def test_more_than_two_channels_are_heard_as_one_and_written_as_they_are(desk, tmp_path):
    words, _ = desk.separate("me", "band", str(noise(tmp_path / "s.wav", channels=4)), quiet)
    assert words == ""
    assert len(read(desk.visits.of("me").result.files["drums"])) == 4


@pytest.mark.parametrize(
    ("format_", "heard"),
    [("opus", [*TARGETS, "residual"]), ("stem.mp4", ["drums", "bass", "other", "vocals"])],
)
def test_stems_of_other_rates_or_in_one_file_are_heard_in_step(desk, tmp_path, format_, heard):
    desk.separation = SeparationConfig(segment=1.0, format=format_)
    words, _ = desk.separate("me", "band", str(noise(tmp_path / "s.wav")), quiet)
    assert words == ""
    assert player_data(desk)["targets"] == heard


@pytest.mark.parametrize("leaves", [False, True])
def test_who_stops_or_leaves_in_the_middle_leaves_no_file(desk, tmp_path, leaves):
    song = noise(tmp_path / "song.wav", seconds=3)
    visit = desk.visits.of("me")

    def stop(share: float, words: str) -> None:
        if share > 0:
            assert any(path.is_file() for path in visit.folder.rglob("*"))
            if leaves:
                desk.visits.leave("me")
            else:
                desk.stop("me")

    # The one who stops is asked again at the next step.
    words, shown = desk.separate("me", "band", str(song), stop)
    assert ("Stopped." in words, shown) == (True, "")
    assert not [path for path in visit.folder.rglob("*") if path.is_file()]
    assert song.exists() is not leaves
    if not leaves:
        assert desk.separate("me", "band", str(song), quiet)[0] == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, r"^There is no song yet: drop one, or take a sample$"),
        ("words", r"^song\.mp3 is not audio that can be read"),
        ("long", r"^song\.wav is 0:09 long, and this page takes 0:06: cut it"),
        ("nan", r"^song\.wav holds a sample that is no finite number \(nan\) at 0\.500 s"),
    ],
)
def test_what_cannot_be_separated_is_told_in_a_sentence_without_the_servers_folders(desk, tmp_path, content, said):  # fmt: skip
    song = tmp_path / ("song.mp3" if content == "words" else "song.wav")
    if content == "words":
        song.write_text("no sound " * 100)
    elif content is not None:
        noise(song, seconds=9 if content == "long" else 1)
    if content == "nan":
        data = bytearray(song.read_bytes())
        data[-8 * 4000 : -8 * 4000 + 4] = np.float32(np.nan).tobytes()
        song.write_bytes(data)
    words, shown = desk.separate("me", "band", content and str(song), quiet)
    assert 'role="alert"' in words
    assert re.search(said, re.sub("<[^>]+>", "", words))
    assert str(tmp_path) not in words
    assert shown == ""
    assert not any(path.is_file() for path in (tmp_path / "visits").rglob("*"))


def test_a_sample_is_a_song_whose_stems_the_player_will_have(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(desk_module, "_SAMPLE_SECONDS", 0.5)
    file, words = desk.sample("me")
    assert words == ""
    # As Gradio does.
    copy = tmp_path / Path(file).name
    copy.write_bytes(Path(file).read_bytes())
    assert "0:01, 44.1 kHz, stereo, composed just now" in desk.check("me", str(copy))
    desk.visits.leave("me")
    assert not Path(file).exists()
    assert not copy.exists()


def test_an_upload_is_looked_at_at_once(desk, tmp_path):
    assert "song.wav: 0:02, 8 kHz, mono" in desk.check("me", str(noise(tmp_path / "song.wav", seconds=2, channels=1)))  # fmt: skip
    assert "0:06: cut it" in desk.check("me", str(noise(tmp_path / "long.wav", seconds=9)))
    assert desk.check("me", None) == ""


def test_what_nobody_foresaw_is_told_too(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(desk.networks, "load", lambda name, progress: 1 / 0)
    words, _ = desk.separate("me", "band", str(noise(tmp_path / "song.wav")), quiet)
    assert "ZeroDivisionError: division by zero (not foreseen" in words


def test_what_is_fetched_first_is_told_and_why_it_cannot_be(desk, tmp_path, monkeypatch):
    told = []

    def find(_model, *, progress):
        progress("weights.th", 1_000_000, 2_000_000)
        raise DownloadError("the place cannot be reached: put the file there")

    monkeypatch.setattr("auralflow.app.networks.find_checkpoint", find)
    words, shown = desk.separate(
        "me", "band", str(noise(tmp_path / "a.wav")), lambda *step: told.append(step)
    )
    assert told == [
        (0.0, "Getting the network ready"),
        (0.0, "Fetching weights.th: 1 of 2 MB"),
    ]
    assert "The place cannot be reached: put the file there" in words
    assert shown == ""


def test_networks_have_one_thread_whoever_asks_and_it_knows_who_does(desk, tmp_path, monkeypatch):
    asking: ContextVar[str] = ContextVar("asking")
    seen = []

    def separate_song(*_: Any, **__: Any) -> None:
        seen.append((threading.current_thread().name, asking.get()))
        raise DownloadError("that is enough")

    monkeypatch.setattr(desk_module, "separate_song", separate_song)
    song = noise(tmp_path / "song.wav")

    def ask(name: str) -> None:
        asking.set(name)
        desk.separate("me", "band", str(song), quiet)

    for name in ("first", "second"):
        thread = threading.Thread(target=ask, args=[name])
        thread.start()
        thread.join()
    assert seen == [("auralflow-networks_0", "first"), ("auralflow-networks_0", "second")]
