"""Folders of songs."""

from pathlib import Path, PurePath

import numpy as np
import pytest
import soundfile

from auralflow.audio import Encoding
from auralflow.errors import AudioError, DataError, OutputError
from auralflow.separation.finding import find_songs, song_folders
from auralflow.separation.tree import separate_tree
from tests.separation.networks import Gains
from tests.separation.sounds import noise


def make(folder: Path, *names: str) -> None:
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, noise(900, seed=number).T, 8000)


def files_below(folder: Path) -> list[str]:
    """Those that are not hidden, as records are."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(str(path) for path in paths if not path.parts[0].startswith("."))


def test_the_shape_of_the_tree_is_kept(tmp_path):
    make(tmp_path / "in", "one.wav", "deep/er/two.flac", "deep/three.ogg")
    outcome = separate_tree(Gains(), tmp_path / "in", tmp_path / "out", residual=False)
    assert files_below(tmp_path / "out") == [
        "deep/er/two/drums.wav", "deep/er/two/vocals.wav", "deep/three/drums.wav",
        "deep/three/vocals.wav", "one/drums.wav", "one/vocals.wav",
    ]  # fmt: skip
    assert [result.source for result in outcome.results] == [
        tmp_path / "in" / name for name in ("deep/er/two.flac", "deep/three.ogg", "one.wav")
    ]
    assert outcome.failures == ()
    song, _ = soundfile.read(tmp_path / "in" / "deep/er/two.flac")
    vocals, _ = soundfile.read(tmp_path / "out" / "deep/er/two/vocals.wav")
    np.testing.assert_allclose(vocals, 0.75 * song, atol=1e-6)


def test_a_single_song_gets_a_folder_of_its_name(tmp_path):
    make(tmp_path, "deep/My song.v2.wav")
    separate_tree(Gains(), tmp_path / "deep/My song.v2.wav", tmp_path / "out")
    assert files_below(tmp_path / "out") == [
        f"My song.v2/{name}.wav" for name in ("drums", "residual", "vocals")
    ]


@pytest.mark.parametrize(
    ("songs", "folders"),
    [
        (["a.wav", "b.mp3"], ["a", "b"]),
        (["a.wav", "a.mp3", "b.wav"], ["a.wav", "a.mp3", "b"]),
        (["a.wav", "deep/a.wav"], ["a", "deep/a"]),
        # A file system that does not tell A from a would put both into one folder.
        (["A.wav", "a.mp3"], ["A.wav", "a.mp3"]),
        # Once a.wav keeps its suffix, the song a.wav.flac must keep its own, too.
        (["a.wav", "a.mp3", "a.wav.flac"], ["a.wav", "a.mp3", "a.wav.flac"]),
        (["Song.stem.mp4", "song two.STEM.MP4"], ["Song", "song two"]),
        (["Song.stem.mp4", "Song.wav"], ["Song.stem.mp4", "Song.wav"]),
    ],
)
def test_songs_never_share_a_folder(songs, folders):
    found = song_folders([PurePath(song) for song in songs])
    assert found == [PurePath(folder) for folder in folders]


def test_an_output_folder_inside_the_input_is_not_read_again(tmp_path):
    make(tmp_path, "one.wav")
    for _ in range(2):
        outcome = separate_tree(Gains(), tmp_path, tmp_path / "stems", force=True)
        assert [result.source.name for result in outcome.results] == ["one.wav"]
    with pytest.raises(OutputError, match="save to another folder"):
        separate_tree(Gains(), tmp_path, tmp_path / "stems" / "..")


def test_hidden_files_and_other_files_are_left_alone(tmp_path):
    make(tmp_path, "one.wav", "._one.wav", ".hidden/two.wav")
    (tmp_path / "cover.jpg").write_bytes(b"no sound")
    assert find_songs(tmp_path, tmp_path / "out") == [tmp_path / "one.wav"]


def test_existing_results_are_named_and_counted_before_anything_is_computed(tmp_path):
    make(tmp_path / "in", "one.wav", "two.wav", "three.wav")
    make(tmp_path / "out", "one/vocals.wav", "two/drums.wav")
    model = Gains()
    with pytest.raises(OutputError, match=r"out/one/vocals\.wav exists already and 1 more"):
        separate_tree(model, tmp_path / "in", tmp_path / "out")
    assert model.shapes == []
    assert files_below(tmp_path / "out") == ["one/vocals.wav", "two/drums.wav"]
    outcome = separate_tree(model, tmp_path / "in", tmp_path / "out", force=True)
    assert len(outcome.results) == 3


def test_a_broken_song_is_named_and_the_others_go_on(tmp_path, caplog):
    make(tmp_path / "in", "a.wav", "c.wav")
    (tmp_path / "in" / "b.wav").write_text("this is no sound")
    outcome = separate_tree(Gains(), tmp_path / "in", tmp_path / "out", residual=False)
    assert [result.source.name for result in outcome.results] == ["a.wav", "c.wav"]
    [failure] = outcome.failures
    assert failure.source == tmp_path / "in" / "b.wav"
    assert "b.wav" in failure.reason
    assert "b.wav is left out" in caplog.text
    assert not (tmp_path / "out" / "b").exists()


def test_a_song_that_breaks_off_is_a_failure_without_half_written_stems(tmp_path):
    make(tmp_path / "in", "a.wav", "c.wav")
    samples = noise(30_000, peak=0.5)
    samples[0, 25_000] = np.nan
    soundfile.write(tmp_path / "in" / "b.wav", samples.T, 8000, subtype="FLOAT")
    outcome = separate_tree(Gains(), tmp_path / "in", tmp_path / "out", residual=False)
    assert [failure.source.name for failure in outcome.failures] == ["b.wav"]
    assert "3.125 s" in outcome.failures[0].reason
    assert {path.split("/")[0] for path in files_below(tmp_path / "out")} == {"a", "c"}


def test_a_song_that_the_format_cannot_hold_is_a_failure_too(tmp_path):
    make(tmp_path / "in", "a.wav")
    soundfile.write(tmp_path / "in" / "b.wav", noise(900, 3).T, 8000)
    outcome = separate_tree(
        Gains(), tmp_path / "in", tmp_path / "out", encoding=Encoding("mp3", 16)
    )
    assert [failure.source.name for failure in outcome.failures] == ["b.wav"]
    assert [result.source.name for result in outcome.results] == ["a.wav"]


def test_a_single_broken_song_is_an_error(tmp_path):
    (tmp_path / "a.wav").write_text("this is no sound")
    with pytest.raises(AudioError, match=r"a\.wav"):
        separate_tree(Gains(), tmp_path / "a.wav", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_full_disk_stops_everything(tmp_path, monkeypatch):
    make(tmp_path / "in", "a.wav", "b.wav")

    def full(self, block):
        raise OutputError("the disk is full")

    monkeypatch.setattr("auralflow.audio.AudioWriter.write", full)
    with pytest.raises(OutputError, match="the disk is full"):
        separate_tree(Gains(), tmp_path / "in", tmp_path / "out")


def test_a_folder_without_songs_says_what_was_looked_for(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("")
    with pytest.raises(DataError, match=r"in holds no audio file, at any depth.*\.flac.*\.wav"):
        separate_tree(Gains(), tmp_path / "in", tmp_path / "out")
    with pytest.raises(DataError, match="does not exist"):
        separate_tree(Gains(), tmp_path / "nowhere", tmp_path / "out")
