"""Songs as folders of stems."""

import numpy as np
import pytest
import soundfile

from auralflow.audio import AudioWriter
from auralflow.datasets.synthetic import STEMS, compose_song, song_name, write_songs
from auralflow.errors import OutputError


def test_song_names_are_unique_and_fit_every_file_system():
    names = [song_name(seed) for seed in range(3000)]
    assert len(set(names)) == 3000
    assert len({name[5:] for name in names[:1763]}) == 1763
    assert all(part.isalnum() for name in names for part in name.split(" "))


def test_songs_are_written_as_stems_that_sum_to_the_mixture(tmp_path):
    folders = write_songs(tmp_path / "music", songs=[4, 11], seconds=2.0, sample_rate=16_000)
    assert folders == [tmp_path / "music" / song_name(seed) for seed in (4, 11)]
    for seed, folder in zip((4, 11), folders, strict=True):
        files = {path.stem: soundfile.read(path, always_2d=True) for path in folder.iterdir()}
        assert set(files) == {*STEMS, "mixture"}
        assert {rate for _, rate in files.values()} == {16_000}
        stems = sum(files[name][0] for name in STEMS)
        # Multiples of a 32768th, whose sums floating point holds exactly.
        np.testing.assert_array_equal(files["mixture"][0], stems)
        composed = compose_song(seed, seconds=2.0, sample_rate=16_000)["drums"]
        np.testing.assert_allclose(files["drums"][0].T, composed, atol=1.5 / 32_768)
    assert soundfile.info(folders[0] / "drums.wav").subtype == "PCM_16"


def test_an_existing_song_is_replaced_only_with_force(tmp_path):
    (folder,) = write_songs(tmp_path, songs=[4], seconds=0.2, sample_rate=8000)
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="exists already"):
        write_songs(tmp_path, songs=[3, 4], seconds=0.4, sample_rate=8000)
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    write_songs(tmp_path, songs=[4], seconds=0.4, sample_rate=8000, force=True)
    assert soundfile.info(folder / "mixture.wav").frames == 3200
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_song_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(self, block):
        raise OutputError("the disk is full: free some space")

    monkeypatch.setattr(AudioWriter, "write", full)
    with pytest.raises(OutputError, match="full"):
        write_songs(tmp_path, songs=[4], seconds=0.2, sample_rate=8000)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "music").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        write_songs(tmp_path / "music", songs=[4], seconds=0.2, sample_rate=8000)
