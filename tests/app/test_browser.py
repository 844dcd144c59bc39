"""The page as people meet it: the program, a real Chromium, a real upload."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

import pytest

from auralflow.app.songs import compose_sample
from tests.app.session import noise, session_at
from tests.report.browser import CHROMIUM, Tab, chromium

pytestmark = [
    pytest.mark.app,
    pytest.mark.skipif(find_spec("gradio") is None, reason="Gradio is not installed"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]

STATUS = "document.querySelector('#status').innerText"
FRAME = "document.querySelector('#result iframe').contentDocument"
PLAYER = f"document.querySelector('#result iframe') && {FRAME}?.querySelector('canvas')"


class Served:
    """The program with the page, and the folder for temporary files, which only it uses."""

    def __init__(
        self, session: Path | str, temporary: Path, *flags: str, cache: Path | None = None
    ) -> None:
        self.temporary = temporary
        temporary.mkdir()
        environment = os.environ | {"TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"}
        if cache is not None:
            environment["AURALFLOW_CACHE"] = str(cache)
        # As a terminal starts it: a shell's background jobs would ignore Ctrl-C.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "auralflow", "app", str(session), "--port", "0", *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("The page is at http://127.0.0.1:"), self.process.communicate()
        self.address = line.split()[4]

    def files(self) -> set[str]:
        """Names of the sounds that are kept for people."""
        return {path.name for path in self.temporary.rglob("*.wav")}

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    models: dict[str, tuple[str, ...]] = {"band": ("drums", "vocals"), "voice": ("vocals",)}
    return session_at(tmp_path_factory.mktemp("home") / "study", models)


@pytest.fixture(scope="module")
def served(session: Path) -> Iterator[Served]:
    with tempfile.TemporaryDirectory() as folder:
        page = Served(session, Path(folder) / "t", "--max-minutes", "0.5", "--max-megabytes", "5")
        try:
            yield page
        finally:
            page.process.kill()
            page.process.communicate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Tab]:
    with chromium() as tab:
        yield tab


@pytest.fixture
def tab(browser: Tab, served: Served) -> Iterator[Tab]:
    """The page, freshly opened; it asks nobody else for anything."""
    browser.complaints.clear()
    browser.requests.clear()
    browser.resize(1200, 900)
    browser.call("Page.navigate", url=served.address)
    browser.wait("document.querySelector('#separate') && document.querySelector('input[type=file]')")  # fmt: skip
    yield browser
    browser.call("Page.navigate", url="about:blank")
    elsewhere = [address for address in browser.requests if not address.startswith((served.address, "data:", "blob:", "about:"))]  # fmt: skip
    assert elsewhere == []


def upload(tab: Tab, file: Path) -> None:
    root = tab.call("DOM.getDocument")["root"]["nodeId"]
    field = tab.call("DOM.querySelector", nodeId=root, selector="input[type=file]")["nodeId"]
    tab.call("DOM.setFileInputFiles", nodeId=field, files=[str(file)])


def gone(served: Served) -> bool:
    """Whether the files of those who left are removed, which the program learns a moment later."""
    for _ in range(500):
        if not served.files():
            return True
        time.sleep(0.02)
    return False


def test_an_upload_becomes_stems_to_hear_and_to_take_and_is_gone_afterwards(tab, served, tmp_path):
    song = compose_sample(7, tmp_path, seconds=2).mixture
    upload(tab, song)
    tab.wait(f"{STATUS}.includes('0:02, 44.1 kHz, stereo')")
    tab.run("document.querySelector('#separate').click()")
    tab.wait(PLAYER)
    assert served.files() >= {song.name, "drums.wav", "vocals.wav", "residual.wav"}

    frame = tab.run(f"{FRAME}.querySelector('.stems').innerText").split()
    assert [word for word in frame if word in ("drums", "vocals", "residual")] == ["drums", "vocals", "residual"]  # fmt: skip
    tab.run(f"{FRAME}.querySelector('[aria-label=\"Solo vocals\"]').click()")
    tab.run(f"{FRAME}.querySelector('[aria-label=Play]').click()")
    tab.wait(f"{FRAME}.querySelector('.play.playing')")
    tab.wait(f"!{FRAME}.querySelector('.time').textContent.startsWith('0:00.0')")

    links = tab.run("[...document.querySelectorAll('.downloads a')].map((link) => link.href)")
    assert [link.rsplit("/", 1)[1] for link in links] == ["drums.wav", "vocals.wav", "residual.wav", "stems.zip"]  # fmt: skip
    for link, start in zip(links, [b"RIFF"] * 3 + [b"PK"], strict=True):
        with urlopen(link) as answer:
            assert answer.read(4).startswith(start)
            assert song.stem.replace(" ", "%20") in answer.headers["content-disposition"] or song.stem in answer.headers["content-disposition"]  # fmt: skip
    assert tab.complaints == []
    tab.call("Page.navigate", url="about:blank")
    assert gone(served)


@pytest.mark.parametrize("width", [400, 1600])
def test_it_fits_the_window(tab, served, width):
    tab.resize(width, 900)
    tab.run("[...document.querySelectorAll('button')].find((b) => b.innerText === 'Take a sample').click()")  # fmt: skip
    tab.wait(f"{STATUS}.includes('composed')")
    tab.run("document.querySelector('#separate').click()")
    tab.wait(PLAYER)
    window = tab.run("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert window[0] == window[1]
    inside = tab.run(f"[{FRAME}.documentElement.scrollWidth, document.querySelector('iframe').clientWidth]")  # fmt: skip
    assert inside[0] == inside[1]
    # Composed, so the player has the truth.
    assert "Truth" in tab.run(f"{FRAME}.querySelector('.lanes').innerText")
    tab.call("Page.navigate", url="about:blank")
    assert gone(served)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("words", "song.mp3 is not audio that can be read"),
        ("long", "song.wav is 0:31 long, and this page takes 0:30: cut it"),
        ("big", "File(s) exceed the maximum allowed size of 5"),
    ],
)
def test_what_cannot_be_taken_is_told_on_the_page(tab, served, tmp_path, kind, said):
    song = tmp_path / ("song.mp3" if kind == "words" else "song.wav")
    if kind == "words":
        song.write_text("no sound " * 100)
    else:
        noise(song, seconds=31 if kind == "long" else 90)
    upload(tab, song)
    tab.wait(f"document.body.innerText.includes({said!r})")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_ends_at_once_and_leaves_nothing_behind(session, tmp_path, number, code):
    page = Served(session, tmp_path / "t")
    assert list(page.temporary.iterdir())
    assert page.end(number) == (code, "\nStopped.\n" if number == signal.SIGINT else "")
    assert list(page.temporary.iterdir()) == []


def test_a_network_is_to_be_fetched_until_it_is_there(browser: Tab, tmp_path: Path) -> None:
    page = Served("spleeter-2stems", tmp_path / "t", cache=tmp_path / "cache")
    named = "[...document.querySelectorAll('input')].map(field => field.value)"
    try:
        browser.call("Page.navigate", url=page.address)
        browser.wait(f"{named}.includes('spleeter-2stems (fetched when first used, 89 MB)')")
        weights = tmp_path / "cache" / "weights"
        weights.mkdir(parents=True)
        (weights / "spleeter-2stems.safetensors").touch()
        browser.call("Page.navigate", url="about:blank")
        browser.call("Page.navigate", url=page.address)
        browser.wait(f"{named}.includes('spleeter-2stems')")
    finally:
        page.process.kill()
        page.process.communicate()
