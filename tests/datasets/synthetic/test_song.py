"""The plan of a song: forms of any length, keys, chords and what belongs to a style."""

import numpy as np
import pytest

from auralflow.datasets.synthetic.bass import _LINES
from auralflow.datasets.synthetic.form import ENERGY, draw_form
from auralflow.datasets.synthetic.grooves import FILLS, GROOVES
from auralflow.datasets.synthetic.harmony import MODES, Key, chord_of, hertz
from auralflow.datasets.synthetic.kit import KITS, make_kit
from auralflow.datasets.synthetic.progressions import draw_progression
from auralflow.datasets.synthetic.song import STEPS, draw_song
from auralflow.datasets.synthetic.styles import STYLES
from auralflow.datasets.synthetic.timbres import TIMBRES

RATE = 8000


def plan(seed: int, seconds: float):
    return draw_song(seed, samples=round(seconds * RATE), sample_rate=RATE)


@pytest.mark.parametrize("count", [*range(1, 40), 63, 64, 90, 200, 999])
def test_a_form_fills_any_number_of_bars(count):
    for seed in range(5):
        form = draw_form(np.random.default_rng(seed), count)
        assert sum(section.bars for section in form) == count
        assert {section.name for section in form} <= set(ENERGY)
        assert all(section.bars > 0 for section in form)


def test_a_song_of_three_minutes_has_the_whole_form():
    for seed in range(20):
        song = plan(seed, 180.0)
        names = [bar.section for bar in song.bars if bar.first]
        assert names[0] == "intro"
        assert {"verse", "chorus", "outro"} <= set(names)
        assert names.count("chorus") >= 2
        assert names[names.index("outro") - 1] == "chorus"
    assert {"bridge", "pre-chorus"} <= {
        bar.section for seed in range(20) for bar in plan(seed, 180.0).bars
    }


@pytest.mark.parametrize("seconds", [80.0, 180.0, 600.0])
def test_a_long_song_ends_with_its_last_bar(seconds):
    for seed in range(10):
        song = plan(seed, seconds)
        assert len(song.bars) * STEPS * song.step_seconds == pytest.approx(seconds)
        # Fitting makes at most half a bar of many longer or shorter, and 18 bars of a little more than 17.
        lowest, highest = song.style.tempo
        assert lowest * 0.97 < song.tempo < highest * 1.06
        assert song.fades_out != (song.bars[-1].section == "end")


def test_some_songs_are_lifted_at_the_end_and_never_by_more_than_a_tone():
    lifts = []
    for seed in range(60):
        bars = plan(seed, 240.0).bars
        tonics = [bar.key.tonic for bar in bars]
        lifts.append(tonics[-1] - tonics[0])
        # It happens once, where a chorus begins.
        places = np.flatnonzero(np.diff(tonics)) + 1
        assert len(places) <= 1
        for place in places:
            assert bars[place].section == "chorus"
            assert bars[place].first
    assert set(lifts) == {0, 1, 2}
    # Three in ten, give or take what chance leaves of sixty.
    assert 8 <= np.count_nonzero(lifts) <= 28


@pytest.mark.parametrize("name", STYLES)
def test_whatever_a_style_names_exists(name):
    style = STYLES[name]
    instruments = {*style.basses, *style.comps, *style.pads, *style.leads} - {""}
    assert instruments <= set(TIMBRES)
    assert set(style.kits) <= set(KITS)
    assert set(style.grooves) <= set(GROOVES)
    assert set(style.lines) <= set(_LINES)


def test_everything_that_can_be_drawn_is_in_some_style():
    def named(field: str) -> set[str]:
        return {name for style in STYLES.values() for name in getattr(style, field)}

    assert named("kits") == set(KITS)
    assert named("grooves") == set(GROOVES)
    assert named("lines") == set(_LINES)
    instruments = named("basses") | named("comps") | named("pads") | named("leads")
    assert instruments - {""} == set(TIMBRES)


def test_grooves_and_fills_fit_a_bar_and_a_kit():
    drums = set(make_kit(np.random.default_rng(0), kind="acoustic", sample_rate=RATE))
    for grooves in GROOVES.values():
        for groove in grooves:
            for pattern in (groove.kick, groove.snare, groove.hat, groove.rim):
                assert len(pattern) == STEPS
            assert {name for _, name, _ in groove.hits()} <= drums
    for fill in FILLS:
        assert {name for _, name in fill} <= drums
        assert [step for step, _ in fill] == sorted({step for step, _ in fill})


@pytest.mark.parametrize(
    ("numeral", "notes"),
    # In C: the pitch classes that a chart has under these names.
    [
        ("I", {0, 4, 7}),
        ("ii7", {2, 5, 9, 0}),
        ("iii", {4, 7, 11}),
        ("IVmaj7", {5, 9, 0, 4}),
        ("V7", {7, 11, 2, 5}),
        ("iv", {5, 8, 0}),
        ("bVII", {10, 2, 5}),
        ("bVI", {8, 0, 3}),
        ("iim7b5", {2, 5, 8, 0}),
        ("III7", {4, 8, 11, 2}),
        ("Vsus4", {7, 0, 2}),
        ("i9", {0, 3, 10, 2}),
    ],
)
def test_roman_numerals_are_the_chords_of_a_chart(numeral, notes):
    assert {note % 12 for note in chord_of(Key(0, "major"), numeral).notes} == notes
    # Two semitones higher in D.
    moved = {(note + 2) % 12 for note in notes}
    assert {note % 12 for note in chord_of(Key(2, "minor"), numeral).notes} == moved


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("section", ENERGY)
def test_every_mode_has_progressions_for_every_section(mode, section):
    key = Key(7, mode)
    for seed in range(30):
        rng = np.random.default_rng(seed)
        progression = draw_progression(rng, key, section, colour=1.0)
        assert len(progression) == 4
        for chord in progression:
            assert 3 <= len(chord.notes) <= 4
            assert chord.notes[0] == chord.root


@pytest.mark.parametrize(
    ("mode", "notes"),
    [
        ("major", [0, 2, 4, 5, 7, 9, 11, 12]),
        ("minor", [0, 2, 3, 5, 7, 8, 10, 12]),
        ("dorian", [0, 2, 3, 5, 7, 9, 10, 12]),
        ("phrygian", [0, 1, 3, 5, 7, 8, 10, 12]),
        ("lydian", [0, 2, 4, 6, 7, 9, 11, 12]),
        ("mixolydian", [0, 2, 4, 5, 7, 9, 10, 12]),
    ],
)
def test_modes_are_the_white_keys_from_their_tonics(mode, notes):
    assert [Key(0, mode).note(degree) for degree in range(8)] == notes


def test_notes_have_their_standard_frequencies():
    assert hertz(69) == 440.0
    assert hertz(60) == pytest.approx(261.6256, abs=1e-4)
