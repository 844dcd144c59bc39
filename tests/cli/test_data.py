"""`auralflow data`: what it answers about folders, good and bad."""

import json
from pathlib import Path

import pytest

from auralflow.audio import read
from tests.cli.program import Program
from tests.datasets.music import noise, write, write_stem_mp4, write_track


@pytest.fixture
def music(tmp_path: Path) -> Path:
    root = tmp_path / "music"
    write_track(root / "train" / "a", "vocals", "drums", "mixture", seconds=60, suffix="flac")
    write_track(root / "train" / "b", "vocals", "bass", seconds=30, suffix="flac")
    write_track(root / "test" / "c", "vocals", "drums", seconds=10, suffix="flac")
    return root


def test_show_tells_layout_tracks_stems_and_time(auralflow: Program, music: Path) -> None:
    done = auralflow("data", "show", music)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == f"{music}: 3 tracks, 1.7 min, layout folders"
    assert lines[1].split() == ["train", "2", "tracks", "1.5", "min"]
    assert lines[2].split() == ["test", "1", "track", "10.0", "s"]
    assert "1 tracks have one of their own" not in done.out
    assert "mixture  1 track has one of its own" in done.out
    row = next(line for line in lines if line.split()[:1] == ["vocals"]).split()
    assert row[1:5] == ["3", "3", "1.7", "min"]
    assert "flac, 8000 Hz, stereo" in done.out
    assert "1 track without drums, which is silence there: b" in done.out


def test_show_prints_json(auralflow: Program, music: Path) -> None:
    facts = json.loads(auralflow("data", "show", music, "--json").out)
    assert facts["layout"] == "folders"
    assert facts["splits"]["train"] == {"tracks": 2, "seconds": 90.0}
    assert facts["stems"]["drums"]["formats"] == {"flac": 2}
    assert facts["tracks"] == 3
    assert facts["seconds"] == 100.0


def test_show_names_broken_files_and_says_so_in_its_code(auralflow: Program, music: Path) -> None:
    (music / "train" / "b" / "vocals.flac").write_text("no audio")
    done = auralflow("data", "show", music)
    assert done.code == 1
    assert "2 tracks" in done.out
    assert "vocals.flac is not audio that can be read" in done.out


def test_show_draws_the_mix(auralflow: Program, music: Path, tmp_path: Path) -> None:
    done = auralflow("data", "show", music, "--picture", tmp_path / "mix.png")
    assert done.code == 0
    assert (tmp_path / "mix.png").read_bytes()[:4] == b"\x89PNG"


def test_show_reads_stem_files_and_sums(auralflow: Program, tmp_path: Path) -> None:
    write_stem_mp4(tmp_path / "a.stem.mp4", [noise(1, rate=44100, seed=n) for n in range(5)])
    done = auralflow(
        "data", "show", tmp_path, "--stems", "{band: [drums, bass], all-but: [drums, other]}"
    )
    assert "layout musdb-stem" in done.out
    assert "stem.mp4, 44100 Hz, stereo" in done.out
    assert "all-but = drums + other" in done.out
    assert "band = bass + drums" in done.out


def test_show_says_what_was_looked_for(auralflow: Program, tmp_path: Path) -> None:
    write(tmp_path / "music" / "x" / "y" / "song.txt.wav", noise(1))
    done = auralflow("data", "show", tmp_path / "nowhere")
    assert done.code == 2
    assert "there is no folder" in done.err
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "readme.txt").touch()
    done = auralflow("data", "show", tmp_path / "texts")
    assert done.code == 2
    for picture in ("<track>/<stem>.wav", ".stem.mp4", "data.json", "metadata.yaml", ".csv"):
        assert picture in done.err
    assert "found readme.txt" in done.err


def test_prepare_states_the_cost_then_decodes_once_then_has_nothing_to_do(
    auralflow: Program, music: Path
) -> None:
    # Two channels of 16 bits at 8 kHz, and a header of 64 bytes for each of the seven recordings.
    size = (3 * 60 + 2 * 30 + 2 * 10) * 8000 * 2 * 2 + 7 * 64
    dry = auralflow("data", "prepare", music, "--sample-rate", "8000", "--dry-run")
    assert "7 recordings, of which 7 are to be prepared: 0.07 hours to decode" in dry.out
    assert f"{size / 1e9:.2f} GB to write" in dry.out
    first = auralflow("data", "prepare", music, "--sample-rate", "8000", "--workers", "2")
    assert first.code == 0
    assert "Prepared 7 recordings" in first.out
    again = auralflow("data", "prepare", music, "--sample-rate", "8000")
    assert "of which 0 are to be prepared: 0.00 hours" in again.out
    cleared = auralflow("data", "clear", music)
    assert f"Removed {size / 1e9:.2f} GB" in cleared.out
    assert "of which 7" in auralflow("data", "prepare", music, "--sample-rate", "8000").out


def test_prepare_names_what_cannot_be_decoded_and_does_the_rest(
    auralflow: Program, music: Path
) -> None:
    path = music / "train" / "b" / "vocals.flac"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    done = auralflow("data", "prepare", music, "--sample-rate", "8000")
    assert done.code == 1
    assert "Prepared 6 recordings" in done.out
    assert str(path) in done.err


def test_clear_removes_everything_where_nothing_is_named(auralflow: Program, music: Path) -> None:
    auralflow("data", "prepare", music, "--sample-rate", "8000")
    done = auralflow("data", "clear")
    assert done.code == 0
    assert "now holds 0.00 GB" in done.out
    assert read(music / "train" / "a" / "vocals.flac").shape == (2, 480_000)


def test_a_misspelt_command_is_answered_with_the_nearest(auralflow: Program) -> None:
    done = auralflow("data", "shwo")
    assert done.code == 2
    assert "did you mean show?" in done.err
