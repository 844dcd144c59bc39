"""MIDI files as stems: which instrument goes where, when it sounds and at which pitch."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auralflow.audio import read
from auralflow.datasets.synthetic.loudness import integrated_loudness
from auralflow.datasets.synthetic.midi import plan_midi_collection
from auralflow.datasets.synthetic.midi.grouping import FOUR, stem_of
from auralflow.datasets.synthetic.midi.rendering import TAIL_SECONDS, render_midi
from auralflow.datasets.synthetic.midi.score import read_score
from auralflow.datasets.synthetic.midi.soundfont import VARIABLE, find_soundfont
from auralflow.errors import ConfigError, DataError
from tests.datasets.synthetic.soundfonts import sine_soundfont

mido = pytest.importorskip("mido", reason="the extra midi is not installed")
pytest.importorskip("midirenderer", reason="the extra midi is not installed")

RATE = 44_100
BEAT = 480


@pytest.fixture
def font(tmp_path):
    path = tmp_path / "sine.sf2"
    path.write_bytes(sine_soundfont())
    return path


def song(path: Path, *tracks: tuple[str, Any], tempo: int = 500_000) -> Path:
    """A file of named tracks, each a list of (ticks before it, message)."""
    file = mido.MidiFile(ticks_per_beat=BEAT)
    head = file.add_track("conductor")
    head.append(mido.MetaMessage("set_tempo", tempo=tempo))
    for name, messages in tracks:
        track = file.add_track(name)
        track.extend(message.copy(time=ticks) for ticks, message in messages)
    file.save(path)
    return path


def note(channel: int, key: int, *, begin: int = 0, length: int = BEAT, velocity: int = 100):
    common = {"channel": channel, "note": key}
    return [
        (begin, mido.Message("note_on", velocity=velocity, **common)),
        (length, mido.Message("note_off", **common)),
    ]


def program(channel: int, number: int):
    return (0, mido.Message("program_change", channel=channel, program=number))


def rendered(path: Path, font: Path, **options: Any) -> dict[str, np.ndarray]:
    samples = round((read_score(path, grouping="four").seconds + TAIL_SECONDS) * RATE)
    return render_midi(path, soundfont=font, samples=samples, sample_rate=RATE, **options)


def pitch(line: np.ndarray) -> float:
    """The strongest frequency in Hz."""
    size = 1 << 18
    return float(np.argmax(np.abs(np.fft.rfft(line * np.hanning(len(line)), size))) * RATE / size)


@pytest.mark.parametrize(
    ("channel", "number", "four", "family"),
    [
        (9, 0, "drums", "drums"),
        (9, 53, "drums", "drums"),
        (0, 0, "other", "piano"),
        (1, 24, "other", "guitar"),
        (2, 32, "bass", "bass"),
        (2, 39, "bass", "bass"),
        (3, 40, "other", "strings"),
        (3, 48, "other", "strings"),
        (4, 52, "vocals", "vocals"),
        (4, 54, "vocals", "vocals"),
        (4, 55, "other", "ensemble"),
        (5, 85, "vocals", "vocals"),
        (5, 80, "other", "synth-lead"),
        (6, 127, "other", "sound-effects"),
    ],
)
def test_instruments_go_to_the_stem_of_their_family(channel, number, four, family):
    assert stem_of(channel, number, "four") == four
    assert stem_of(channel, number, "families") == family


def test_each_instrument_sounds_in_its_own_stem_when_it_plays(tmp_path, font):
    path = song(
        tmp_path / "a.mid",
        ("keys", [program(0, 0), *note(0, 69)]),
        ("bass", [program(1, 33), *note(1, 45, begin=BEAT)]),
        ("drums", note(9, 57, begin=2 * BEAT)),
        ("choir", [program(2, 52), *note(2, 81, begin=3 * BEAT)]),
    )
    stems = rendered(path, font)
    assert tuple(stems) == FOUR
    # Two beats a second. Key 69 is 441 Hz in this soundfont, and an octave is a factor of two.
    for name, beat, frequency in (
        ("other", 0, 441.0),
        ("bass", 1, 441.0 / 4),
        ("drums", 2, 441.0 / 2),
        ("vocals", 3, 882.0),
    ):
        beats = [stems[name][0, start * RATE // 2 :][: RATE // 2] for start in range(4)]
        loudness = [float(np.mean(line**2)) for line in beats]
        assert int(np.argmax(loudness)) == beat
        assert pitch(beats[beat]) == pytest.approx(frequency, rel=0.01)
        assert all(level < 1e-6 for level in loudness[:beat])


def test_a_tempo_bends_and_programs_in_other_tracks_hold_for_every_stem(tmp_path, font):
    wheel = mido.Message("pitchwheel", channel=0, pitch=8191)
    path = song(
        tmp_path / "a.mid",
        ("keys", [program(0, 0), (0, wheel), *note(0, 69, begin=BEAT)]),
        tempo=1_000_000,
    )
    stems = rendered(path, font)
    # A beat of one second passes before the note; the wheel's usual range is two semitones.
    assert np.abs(stems["other"][:, : RATE - 100]).max() < 1e-4
    assert pitch(stems["other"][0, RATE : 2 * RATE]) == pytest.approx(441 * 2 ** (2 / 12), rel=0.01)


def test_a_change_of_program_moves_later_notes_to_another_stem(tmp_path, font):
    messages = [program(0, 0), *note(0, 69), program(0, 35), *note(0, 69)]
    stems = rendered(song(tmp_path / "a.mid", ("x", messages)), font)
    half = RATE // 2
    assert np.mean(stems["other"][0, :half] ** 2) > 100 * np.mean(stems["bass"][0, :half] ** 2)
    assert np.mean(stems["bass"][0, half : 2 * half] ** 2) > 1e-3


def test_a_track_can_be_named_as_the_one_that_is_sung(tmp_path, font):
    path = song(tmp_path / "a.mid", ("Melody", [program(0, 73), *note(0, 69)]))
    assert not rendered(path, font)["vocals"].any()
    stems = rendered(path, font, vocals_track="melody")
    assert stems["vocals"].any()
    assert not stems["other"].any()


def test_what_would_be_cut_off_at_full_scale_is_played_softer_and_raised_again(tmp_path):
    loud = tmp_path / "loud.sf2"
    loud.write_bytes(sine_soundfont(loudness=1.0))
    # Octaves in phase: their peaks add up.
    chord = [(0, mido.Message("note_on", note=key, velocity=127)) for key in range(40, 100, 4)]
    path = song(tmp_path / "a.mid", ("x", [*chord, *note(0, 69)]))
    stems = rendered(path, loud)
    crest = np.abs(stems["other"]).max() / np.sqrt(np.mean(stems["other"][:, : RATE // 2] ** 2))
    # A clipped sum would have the crest of a square wave, between 1 and 2.
    assert crest > 2.5


def test_the_stems_together_are_mastered(tmp_path, font):
    messages = [item for key in (60, 64, 67, 72) for item in note(0, key, length=2 * BEAT)]
    path = song(tmp_path / "a.mid", ("x", messages), ("b", note(9, 40, length=4 * BEAT)))
    stems = rendered(path, font)
    mixture = np.sum(list(stems.values()), axis=0)
    assert integrated_loudness(mixture, RATE) == pytest.approx(-14.0, abs=0.5)
    assert np.abs(mixture).max() <= 10 ** (-1 / 20) + 1e-5


def test_a_folder_of_files_becomes_a_dataset(tmp_path, font):
    music = tmp_path / "music"
    (music / "album").mkdir(parents=True)
    song(music / "b.mid", ("x", [program(0, 24), *note(0, 69)]), ("d", note(9, 40)))
    song(music / "album" / "a.MID", ("x", note(0, 69)))
    (music / "notes.txt").write_text("no music", encoding="utf-8")
    options = {"source": music, "soundfont": font, "test": 1}
    plan = plan_midi_collection(tmp_path / "out", **options)
    plan.write(workers=1)
    files = sorted(
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.wav")
    )
    wanted = [f"test/album - a/{name}.wav" for name in sorted(FOUR)]
    assert files == wanted + [f"train/b/{name}.wav" for name in sorted(FOUR)]
    # One beat of half a second, and the tail.
    assert read(tmp_path / "out" / "train" / "b" / "other.wav").shape == (2, round(2.5 * RATE))
    assert not plan_midi_collection(tmp_path / "out", **options).recordings
    families = plan_midi_collection(tmp_path / "families", stems="families", **options)
    assert [item.stems for item in families.recordings] == [("piano",), ("drums", "guitar")]


def test_files_that_hold_no_music_are_named(tmp_path, font):
    damaged = tmp_path / "damaged.mid"
    damaged.write_bytes(b"MThd\0\0\0\6\0\1")
    with pytest.raises(DataError, match=r"damaged\.mid cannot be read as a MIDI file"):
        plan_midi_collection(tmp_path / "out", source=damaged, soundfont=font)
    silent = song(tmp_path / "silent.mid", ("x", [program(0, 0)]))
    with pytest.raises(DataError, match="has no notes"):
        plan_midi_collection(tmp_path / "out", source=silent, soundfont=font)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no MIDI files"):
        plan_midi_collection(tmp_path / "out", source=tmp_path / "empty", soundfont=font)
    with pytest.raises(DataError, match="does not exist"):
        plan_midi_collection(tmp_path / "out", source=tmp_path / "missing", soundfont=font)
    with pytest.raises(DataError, match="2 of 1 MIDI files"):
        plan_midi_collection(tmp_path / "out", source=silent, soundfont=font, test=2)


def test_a_soundfont_is_found_by_flag_then_by_environment(tmp_path, font, monkeypatch):
    other = tmp_path / "other.sf2"
    other.write_bytes(font.read_bytes())
    monkeypatch.setenv(VARIABLE, str(other))
    assert find_soundfont(font) == font
    assert find_soundfont(None) == other
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr("auralflow.datasets.synthetic.midi.soundfont.find_spec", lambda name: None)
    with pytest.raises(
        ConfigError, match=r'--soundfont FILE\.sf2.*pip install "auralflow\[midi\]"'
    ):
        find_soundfont(None)
    other.write_bytes(b"no soundfont")
    with pytest.raises(DataError, match="no SoundFont 2 file"):
        find_soundfont(other)
    with pytest.raises(DataError, match="cannot be read"):
        find_soundfont(tmp_path / "missing.sf2")
