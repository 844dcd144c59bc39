"""`auralflow data synth`: what it prints, refuses and imports."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from auralflow.cli.data_synth import command
from auralflow.datasets.synthetic import STEMS, song_name
from auralflow.errors import OutputError
from tests.datasets.synthetic.soundfonts import sine_soundfont


def run(*words: object):
    return CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=True)


def test_songs_are_written_and_a_second_run_keeps_them(tmp_path):
    words = (
        tmp_path,
        "--songs",
        2,
        "--seconds",
        0.5,
        "--sample-rate",
        8000,
        "--test",
        1,
        "--workers",
        1,
    )
    outcome = run(*words)
    assert outcome.exit_code == 0, outcome.output
    # Two songs of half a second: a sixtieth of a minute; 2 * 4 stems * 2 channels * 2 bytes * 4000 samples.
    assert f"Writing 2 songs to {tmp_path}: 0.0 minutes, 0.1 MB of wav." in outcome.output
    assert f"auralflow train --name my-model --data {tmp_path}" in outcome.output
    for folder, number in (("test", 0), ("train", 1)):
        files = {path.stem for path in (tmp_path / folder / song_name(number)).iterdir()}
        assert files == set(STEMS)
    again = run(*words)
    assert "2 songs there already, which stay as they are." in again.output
    assert f"Nothing is left to do in {tmp_path}." in again.output


def test_the_sizes_of_large_collections_are_in_hours_and_gigabytes(tmp_path, monkeypatch):
    monkeypatch.setattr("auralflow.datasets.synthetic.Collection.write", lambda *_, **__: None)
    outcome = run(tmp_path, "--songs", 100)
    # 100 songs of 180 s are 5 hours; 4 stems * 2 channels * 2 bytes * 44,100 Hz * 18,000 s.
    assert "5.0 hours, 12.7 GB of wav" in outcome.output
    assert (
        "5.0 hours, at most 7.6 GB of flac"
        in run(tmp_path, "--songs", 100, "--format", "flac").output
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "--songs"),
        (["--songs", 1, "--midi", "a.mid"], "--songs is for songs that are composed"),
        (["--midi", "a.mid", "--seconds", 3], "--seconds is for songs that are composed"),
        (["--songs", 1, "--soundfont", "a.sf2"], "--soundfont is for songs that are played"),
        (["--songs", 1, "--workers", 0], "--workers 0"),
        (["--songs", 1, "--format", "mp3"], "'mp3' is not one of"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path, words, message):
    outcome = run(tmp_path / "out", *words)
    assert outcome.exit_code == 2
    assert message in outcome.output
    assert not (tmp_path / "out").exists()


def test_something_else_in_the_way_is_an_error(tmp_path):
    (tmp_path / "train" / song_name(0)).mkdir(parents=True)
    outcome = run(tmp_path, "--songs", 1, "--seconds", 0.1)
    assert isinstance(outcome.exception, OutputError)
    assert "--force" in str(outcome.exception)


def test_midi_files_are_played(tmp_path):
    mido = pytest.importorskip("mido", reason="the extra midi is not installed")
    pytest.importorskip("midirenderer", reason="the extra midi is not installed")
    font = tmp_path / "sine.sf2"
    font.write_bytes(sine_soundfont())
    file = mido.MidiFile()
    track = file.add_track("Voice")
    track.append(mido.Message("note_on", note=69, velocity=100))
    track.append(mido.Message("note_off", note=69, time=480))
    file.save(tmp_path / "song.mid")
    outcome = run(
        tmp_path / "out", "--midi", tmp_path / "song.mid", "--soundfont", font, "--stems", "families",
        "--vocals-track", "voice", "--workers", 1,
    )  # fmt: skip
    assert outcome.exit_code == 0, outcome.output
    assert [path.name for path in (tmp_path / "out" / "train" / "song").iterdir()] == ["vocals.wav"]


def test_help_waits_for_no_library():
    script = (
        "import sys; from auralflow.cli.data_synth import command; "
        "print({'numpy', 'torch', 'soundfile', 'rich', 'mido'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout == "set()\n"
