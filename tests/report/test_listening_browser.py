"""The report in a real Chromium: it loads without a complaint, sounds without a gap, and fits every window."""

import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from auralflow.report.listening import ListeningPage, ListeningTrack, write_listening_report
from tests.report.browser import CHROMIUM, Tab, chromium
from tests.report.listening import HOSTILE, RATE, SECONDS, noise, page, row

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

SHOWN = "document.querySelector('.track canvas')?.width === 200"
"""Whether the players have been made and their pictures drawn."""
DATA = "JSON.parse(document.querySelector('.track script').textContent)"
SHOWN_SECONDS = "Number(document.querySelector('.time').textContent.split(' ')[0].split(':')[1])"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_listening_report(path, page())
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Tab]:
    with chromium() as tab:
        yield tab


@pytest.fixture
def tab(browser: Tab) -> Iterator[Tab]:
    browser.complaints.clear()
    browser.requests.clear()
    yield browser
    assert browser.complaints == []
    assert [address[:8] for address in browser.requests if address[:5] != "data:"] == ["file:///"]


def chosen(tab: Tab) -> str:
    found: str = tab.run("document.querySelector('[role=radio][aria-checked=true]').getAttribute('aria-label')")  # fmt: skip
    return found


def pressed(tab: Tab, label: str) -> bool:
    return bool(tab.run(f"document.querySelector('[aria-label=\"{label}\"]').ariaPressed === 'true'"))  # fmt: skip


def middle(tab: Tab, place: int, share: float) -> tuple[float, float]:
    """A place in the picture of a lane, at a share of its width."""
    tab.run(f"document.querySelectorAll('.view')[{place}].scrollIntoView({{block: 'center', behavior: 'instant'}})")  # fmt: skip
    box = tab.run(f"document.querySelectorAll('.view')[{place}].getBoundingClientRect().toJSON()")
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2


def test_it_plays_and_the_keyboard_does_everything(tab, report):
    tab.open(report)
    tab.wait(SHOWN)
    tab.run("document.querySelector('.track').scrollIntoView({behavior: 'instant'})")
    tab.press(" ", 32, " ")
    tab.wait("document.querySelector('.play.playing')")
    before = tab.run(SHOWN_SECONDS)
    tab.wait(f"{SHOWN_SECONDS} !== {before}")

    assert chosen(tab) == "Mixture"
    for key, name in (("3", "half, 6.00 dB"), ("4", "perfect, 40.00 dB"), ("ArrowUp", "half, 6.00 dB"), ("2", "Truth")):  # fmt: skip
        tab.press(key)
        assert chosen(tab) == name
    tab.press("s")
    assert not pressed(tab, "Solo vocals")
    tab.press("m")
    assert pressed(tab, "Mute vocals")
    tab.press("t")
    assert pressed(tab, "Solo drums")
    tab.press("d")
    assert "missing" in tab.run("document.querySelector('.legend').textContent")
    tab.press(" ", 32, " ")
    tab.wait("!document.querySelector('.play.playing')")

    tab.press("Home")
    assert tab.run(SHOWN_SECONDS) == 0
    tab.press("ArrowRight")
    assert tab.run(SHOWN_SECONDS) == 1
    tab.press("o")
    assert tab.run("document.querySelector('.lanes').classList.contains('looping')")
    assert float(tab.run("document.querySelector('.lanes').style.getPropertyValue('--loop-end')")) == pytest.approx(0.5)  # fmt: skip
    tab.press("Escape")
    assert not tab.run("document.querySelector('.lanes').classList.contains('looping')")


def test_a_click_in_a_picture_goes_there_and_hears_that_version_and_a_drag_makes_a_loop(
    tab, report
):
    tab.open(report)
    tab.wait(SHOWN)
    place = middle(tab, 2, 0.25)
    tab.drag(place, place)
    assert chosen(tab) == "half, 6.00 dB"
    assert tab.run(SHOWN_SECONDS) == pytest.approx(0.5, abs=0.1)
    tab.drag(middle(tab, 1, 0.2), middle(tab, 1, 0.6))
    edges = tab.run("['--loop-start', '--loop-end'].map((n) => Number(document.querySelector('.lanes').style.getPropertyValue(n)))")  # fmt: skip
    assert edges == pytest.approx([0.2, 0.6], abs=0.01)
    # The waveform's own region follows, and is one.
    tab.wait("document.querySelector('.wave > div').shadowRoot.querySelectorAll('[part~=region]').length === 1")  # fmt: skip


def test_a_drag_over_the_waveform_makes_a_loop_too(tab, report):
    tab.open(report)
    tab.wait(SHOWN)
    tab.run("document.querySelector('.wave').scrollIntoView({block: 'center', behavior: 'instant'})")  # fmt: skip
    box = tab.run("document.querySelector('.wave').getBoundingClientRect().toJSON()")
    y = box["y"] + box["height"] / 2
    tab.drag((box["x"] + 0.3 * box["width"], y), (box["x"] + 0.8 * box["width"], y))
    edges = tab.run("['--loop-start', '--loop-end'].map((n) => Number(document.querySelector('.lanes').style.getPropertyValue(n)))")  # fmt: skip
    assert edges == pytest.approx([0.3, 0.8], abs=0.02)


def test_all_versions_are_in_step_with_each_other_and_with_what_was_written(tab, report):
    tab.open(report)
    decoding = (files("auralflow.report.listening") / "resources" / "decoding.js").read_text()
    program = f"""(async () => {{
      "use strict";
      {decoding}
      const data = {DATA};
      const texts = [data.truth.vocals.audio, data.mixture.audio, ...data.models.map((model) => model.stems.vocals.audio)];
      const buffers = await Promise.all(texts.map((text) => decodeAudio(text, data)));
      const start = (buffer) => Array.from(buffer.getChannelData(1).subarray(0, 24000));
      return [buffers.map((buffer) => buffer.length), buffers.map(start)];
    }})()"""
    lengths, starts = tab.run(program)
    decoded = np.array(starts)
    assert lengths == [round(SECONDS * RATE)] * 4
    lags = [lag_of(decoded[0], other) for other in decoded]
    assert lags == [0, 0, 0, 0]
    # WebM counts in milliseconds, so a browser may be off by one from the pictures and the cursor.
    assert abs(lag_of(noise(1)[1, :24_000], decoded[0])) <= RATE // 1000


def lag_of(one: np.ndarray, other: np.ndarray) -> int:
    """By how many samples the other is later, by their correlation."""
    size = 2 * len(one)
    product = np.fft.irfft(np.fft.rfft(other, size) * np.fft.rfft(one, size).conj(), size)
    lag = int(product.argmax())
    return lag if lag < len(one) else lag - size


@pytest.mark.parametrize("looped", [True, False])
def test_switching_has_neither_gap_nor_click(tab, report, looped):
    """Two voices of one sine are switched back and forth, one of which joins late: what comes out is the sine."""
    tab.open(report)
    engine = (files("auralflow.report.listening") / "resources" / "engine.js").read_text()
    program = f"""(async () => {{
      "use strict";
      {engine}
      const rate = 48000;
      const context = new OfflineAudioContext(1, 2 * rate, rate);
      const sine = new AudioBuffer({{ length: rate, numberOfChannels: 1, sampleRate: rate }});
      // A whole number of periods in a second, so that the loop has no seam of its own.
      sine.getChannelData(0).forEach((_, place, all) => {{ all[place] = Math.sin(2 * Math.PI * 100 * place / rate); }});
      const engine = new Engine(context, context.destination, 1);
      engine.repeat = {json.dumps(looped)};
      engine.add("one", sine);
      engine.mix(new Map([["one", 1]]));
      engine.play();
      const at = (time, action) => context.suspend(time).then(() => {{ action(); void context.resume(); }});
      at(0.2, () => {{ engine.add("two", sine); engine.mix(new Map([["two", 1]])); }});
      at(0.4, () => engine.mix(new Map([["one", 1]])));
      at(0.41, () => engine.mix(new Map([["two", 1]])));
      at(0.5, () => engine.mix(new Map([["two", 1]])));
      const played = (await context.startRendering()).getChannelData(0);
      return Array.from(played);
    }})()"""
    played = np.array(tab.run(program))
    start = round(0.05 * RATE)
    expected = np.sin(2 * np.pi * 100 * (np.arange(2 * RATE) - start) / RATE)
    assert not played[:start].any()
    # Between the fade in and the seam, 3 ms each.
    whole = slice(start + 200, start + RATE - 200)
    assert np.abs(played[whole] - expected[whole]).max() < 1e-3
    again = slice(start + RATE + 200, 2 * RATE)
    assert np.abs(played[again] - looped * expected[again]).max() < 1e-3
    # The seam is closed: no step is larger than the sine's own, 0.013, and the fade's, 0.007, together.
    assert np.abs(np.diff(played)).max() < 0.02


def test_what_is_heard_is_what_is_chosen(tab, report):
    """Solo, mute, difference and mixture as sets of voices."""
    tab.open(report)
    listening = (files("auralflow.report.listening") / "resources" / "listening.js").read_text()
    program = f"""(() => {{
      "use strict";
      {listening}
      const choice = new Listening({DATA});
      const heard = () => [...choice.voices().keys()].join(", ");
      const answer = [heard()];
      choice.select(1); answer.push(heard());
      choice.all(); answer.push(heard());
      choice.toggleMute("vocals"); answer.push(heard());
      choice.select(2); choice.toggleDifference(); answer.push(heard());
      choice.only("vocals"); answer.push(heard());
      choice.toggleSolo("drums"); answer.push(heard());
      return answer;
    }})()"""
    assert tab.run(program) == [
        "mixture",
        "1 stem vocals",
        "1 stem vocals, 1 stem drums",
        "1 stem drums",
        "2 difference drums",
        "2 difference vocals",
        "2 difference vocals, 2 difference drums",
    ]


def test_the_difference_of_a_perfect_estimate_is_nothing_and_of_half_of_it_is_6_db(tab, report):
    tab.open(report)
    tab.wait(SHOWN)
    tab.run("document.querySelectorAll('.transport button')[2].click()")
    tab.wait("[...document.querySelectorAll('.legend')].some((e) => e.textContent.includes('missing'))")  # fmt: skip
    look = """[2, 3].map((place) => {
      const canvas = document.querySelectorAll('.lanes canvas')[place];
      const { data } = canvas.getContext('2d').getImageData(100, 80, 1, 1);
      return [...data.slice(0, 3)];
    })"""
    tab.wait(f"{look}[1].join() === '250,250,248'")  # the paper's colour
    red, _, blue = tab.run(look)[0]
    assert blue > red + 20  # missing is blue


def test_the_tables_sort_and_the_metric_is_chosen_for_the_whole_page(tab, report):
    tab.open(report)
    tab.wait(SHOWN)
    names = (
        "[...document.querySelectorAll('#metric-0 .ranking tbody th')].map((e) => e.textContent)"
    )
    assert tab.run(names) == ["perfect", "half"]
    column = "document.querySelectorAll('#metric-0 .ranking thead button')[1]"
    tab.run(f"{column}.click()")
    assert tab.run(names) == ["perfect", "half"]
    tab.run(f"{column}.click()")
    assert tab.run(names) == ["half", "perfect"]
    assert tab.run(f"{column}.parentElement.ariaSort") == "ascending"
    tab.run("document.querySelector('#tab-1').click()")
    assert tab.run("document.querySelector('#metric-0').hidden")
    assert "0.50 dB" in tab.run("document.querySelector('.lanes').textContent")
    links = tab.run("[...document.querySelectorAll('#metric-0 a')].map((e) => [e.textContent, e.getAttribute('href')])")  # fmt: skip
    assert links == [["A song", "#track-0"]] * 2  # B song cannot be heard


def hard() -> ListeningPage:
    """Eight models, names of every kind, mono, silence."""
    models = (
        HOSTILE,
        "A" * 120,
        *(f"a model of an experiment, number {place}" for place in range(6)),
    )
    sound = noise(3, channels=1)
    songs = [
        ListeningTrack(HOSTILE, RATE, sound, {"vocals": sound}, {model: {"vocals": sound} for model in models[:2]}),
        ListeningTrack("W" * 120, RATE, 0 * sound, {"vocals": 0 * sound}, {models[0]: {"vocals": 0 * sound}}),
    ]  # fmt: skip
    rows = [row(model, name, float("nan") if place == 1 else place, metric="SDR" * 3) for place, model in enumerate(models) for name in (HOSTILE, "W" * 120)]  # fmt: skip
    return page(title="W" * 90, models=models, rows=rows, tracks=songs, facts=["W" * 120])


CASES: dict[str, Callable[[], ListeningPage]] = {
    "ordinary": page,
    "hard": hard,
    "empty": lambda: ListeningPage("Nothing yet", ()),
    "without truth": lambda: page(rows=(), models=("half",), tracks=[ListeningTrack("x", RATE, noise(0), {}, {"half": {"vocals": noise(0)}})]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_no_window_is_too_small_and_no_name_too_long(tab, tmp_path, case):
    write_listening_report(tmp_path / "report.html", CASES[case]())
    tab.open(tmp_path / "report.html", width=400, dark=True)
    if case != "empty":
        tab.run("document.querySelector('.track').scrollIntoView({behavior: 'instant'})")
        tab.wait(SHOWN)
    for width in (400, 1600):
        tab.resize(width, 1000)
        assert tab.run("document.documentElement.scrollWidth <= innerWidth")
    assert tab.run("document.title") != "taken over"


def test_the_axis_of_time_counts_from_the_beginning_of_the_track(tab, report):
    tab.open(report)
    tab.wait(SHOWN)
    assert tab.run("document.querySelector('.times').textContent").startswith("0:30")
