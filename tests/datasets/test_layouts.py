"""Folders of every shape that people have, and what is said about those that cannot be used."""

from pathlib import Path

import pytest

from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.layouts.finding import find_tracks
from auralflow.errors import DataError
from tests.datasets.music import RATE, noise, write, write_stem_mp4, write_track


def names(root: Path, *, skip_broken: bool = False) -> list[str]:
    return [track.name for track in open_dataset(root, skip_broken=skip_broken).splits["train"]]


def test_a_flat_root_of_track_folders_is_all_training(tmp_path):
    write_track(tmp_path / "b", "vocals", "drums")
    write_track(tmp_path / "a", "vocals", "drums", "mixture")
    dataset = open_dataset(tmp_path)
    assert dataset.layout == "folders"
    assert list(dataset.splits) == ["train"]
    assert [track.name for track in dataset.tracks] == ["a", "b"]
    assert dataset.stem_names == ("drums", "vocals")
    assert dataset.tracks[0].mixture is not None
    assert dataset.tracks[1].mixture is None


@pytest.mark.parametrize("valid", ["valid", "validation", "val", "Valid"])
def test_split_folders_are_kept_apart_whatever_validation_is_called(tmp_path, valid):
    for split in ("train", valid, "test"):
        write_track(tmp_path / split / f"of {split}", "vocals", "bass")
    dataset = open_dataset(tmp_path)
    found = {split: [track.name for track in tracks] for split, tracks in dataset.splits.items()}
    assert found == {"test": ["of test"], "train": ["of train"], "valid": [f"of {valid}"]}


def test_an_empty_split_folder_is_no_split(tmp_path):
    write_track(tmp_path / "train" / "a", "vocals", "bass")
    (tmp_path / "valid").mkdir()
    assert list(open_dataset(tmp_path).splits) == ["train"]


def test_a_track_may_be_called_test(tmp_path):
    write_track(tmp_path / "test", "vocals", "bass")
    write_track(tmp_path / "other song", "vocals", "bass")
    assert names(tmp_path) == ["other song", "test"]


def test_the_case_of_names_and_suffixes_does_not_matter(tmp_path):
    write_track(tmp_path / "a", "Vocals", "DRUMS", "Mixture", suffix="WAV")
    (track,) = open_dataset(tmp_path).tracks
    assert list(track.stems) == ["drums", "vocals"]
    assert track.mixture is not None


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3", "aiff"])
def test_stems_may_have_any_audio_suffix(tmp_path, suffix):
    for seed, stem in enumerate(("vocals", "bass")):
        write(tmp_path / "a" / f"{stem}.{suffix}", noise(1, rate=44100, seed=seed), rate=44100)
    (track,) = open_dataset(tmp_path).tracks
    assert track.samples == 44100
    assert track.sample_rate == 44100


def test_what_is_no_music_is_passed_over(tmp_path):
    track = write_track(tmp_path / "a", "vocals", "bass")
    for clutter in (".DS_Store", "cover.jpg", "._vocals.wav", "notes.txt", ".hidden.wav"):
        (track / clutter).write_text("no audio")
    (tmp_path / "empty").mkdir()
    write_track(tmp_path / "__MACOSX" / "a", "vocals")
    write_track(tmp_path / ".trash", "vocals")
    assert names(tmp_path) == ["a"]
    assert open_dataset(tmp_path).stem_names == ("bass", "vocals")


@pytest.mark.parametrize("name", ["with  blanks", "Für Élise – 音楽 🎵", "x" * 200])
def test_a_track_may_be_called_anything(tmp_path, name):
    write_track(tmp_path / name, "vocals", "bass")
    assert names(tmp_path) == [name]


def test_accents_are_composed_as_they_are_typed(tmp_path):
    write_track(tmp_path / "e\u0301tude", "vocals", "bass")
    assert names(tmp_path) == ["\u00e9tude"]


def test_links_to_tracks_are_followed(tmp_path):
    write_track(tmp_path / "elsewhere" / "a", "vocals", "bass")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").symlink_to(tmp_path / "elsewhere" / "a", target_is_directory=True)
    assert names(tmp_path / "data") == ["a"]


def test_the_folder_of_one_song_is_a_dataset_of_one_track(tmp_path):
    write_track(tmp_path / "My Song", "drums", "horns")
    assert names(tmp_path / "My Song") == ["My Song"]


def test_songs_that_lie_about_are_not_taken_for_stems(tmp_path):
    write_track(tmp_path, "one song", "another song")
    with pytest.raises(DataError, match=r"holds no track.*found another song.wav, one song.wav"):
        open_dataset(tmp_path)


def test_musdb_containers_are_tracks_of_four_stems_and_a_mixture(tmp_path):
    streams = [noise(0.5, rate=44100, seed=seed) for seed in range(5)]
    write_stem_mp4(tmp_path / "train" / "Some One - Song.stem.mp4", streams)
    write_stem_mp4(tmp_path / "test" / "B.stem.mp4", streams)
    dataset = open_dataset(tmp_path)
    assert dataset.layout == "musdb-stem"
    (track,) = dataset.splits["train"]
    assert track.name == "Some One - Song"
    assert {name: stem.stream for name, (stem,) in track.stems.items()} == {
        "drums": 1,
        "bass": 2,
        "other": 3,
        "vocals": 4,
    }
    assert track.mixture is not None
    assert track.mixture.stream == 0
    assert dataset.splits["test"][0].name == "B"


def test_a_container_that_lacks_streams_is_named_once(tmp_path):
    path = write_stem_mp4(tmp_path / "a.stem.mp4", [noise(0.5, rate=44100)] * 2)
    with pytest.raises(DataError, match=r"a\.stem\.mp4") as caught:
        open_dataset(tmp_path)
    assert str(caught.value).count(str(path)) == 1


def test_two_layouts_in_one_folder_are_told_apart_by_nobody(tmp_path):
    write_track(tmp_path / "a", "vocals", "bass")
    write_stem_mp4(tmp_path / "b.stem.mp4", [noise(0.1, rate=44100)] * 5)
    with pytest.raises(DataError, match=r"two layouts, 1 as <track>/<stem>.*1 as <track>\.stem"):
        open_dataset(tmp_path)


def test_one_stem_twice_names_both_files(tmp_path):
    track = write_track(tmp_path / "a", "vocals", "bass")
    write(track / "Vocals.flac", noise(0.1))
    with pytest.raises(DataError, match=r"vocals twice, as Vocals\.flac and vocals\.wav"):
        open_dataset(tmp_path)


def test_music_beside_the_splits_is_not_ignored_in_silence(tmp_path):
    write_track(tmp_path / "train" / "a", "vocals", "bass")
    write_track(tmp_path / "vaild" / "b", "vocals", "bass")
    with pytest.raises(DataError, match="vaild holds music beside the splits train"):
        open_dataset(tmp_path)


def test_a_split_twice_names_both_folders(tmp_path):
    for split in ("val", "valid"):
        write_track(tmp_path / split / "a", "vocals", "bass")
    with pytest.raises(DataError, match="two folders for one split, val and valid"):
        open_dataset(tmp_path)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(DataError, match=r"there is no folder .*nowhere"):
        open_dataset(tmp_path / "nowhere")


def test_a_file_is_no_dataset(tmp_path):
    path = write(tmp_path / "song.wav", noise(0.1))
    with pytest.raises(DataError, match=r"song\.wav is a file, and a folder of tracks is wanted"):
        open_dataset(path)


def test_an_empty_folder_shows_what_belongs_there(tmp_path):
    (tmp_path / ".hidden").touch()
    with pytest.raises(DataError, match=r"is empty, 0 files: put <track>/<stem>\.wav"):
        open_dataset(tmp_path)


def test_tracks_further_down_are_pointed_at(tmp_path):
    write_track(tmp_path / "music" / "collection" / "a", "vocals", "bass")
    (tmp_path / "readme.txt").touch()
    with pytest.raises(DataError, match=r"found music/, readme.txt: give .*collection, which does"):
        open_dataset(tmp_path)


@pytest.fixture
def with_broken_files(tmp_path: Path) -> Path:
    write_track(tmp_path / "good", "vocals", "bass")
    for number in range(7):
        track = write_track(tmp_path / f"bad {number}", "bass")
        (track / "vocals.wav").write_text("this is text")
    return tmp_path


def test_broken_files_are_named_up_to_five_with_the_remedy(with_broken_files):
    with pytest.raises(DataError) as caught:
        open_dataset(with_broken_files)
    message = str(caught.value)
    assert message.count("\n  - ") == 5
    assert "7 files" in message
    assert "and 2 more" in message
    assert "--skip-broken" in message


def test_tracks_with_broken_files_are_left_out_on_request_and_counted(with_broken_files, caplog):
    dataset = open_dataset(with_broken_files, skip_broken=True)
    assert [track.name for track in dataset.tracks] == ["good"]
    assert [entry.path.name for entry in dataset.skipped] == ["vocals.wav"] * 7
    assert "7 files" in caplog.text


def test_audio_of_no_length_is_a_broken_file(tmp_path):
    write_track(tmp_path / "a", "vocals", "bass")
    write(tmp_path / "b" / "vocals.wav", noise(0))
    with pytest.raises(DataError, match=r"b/vocals.wav .*0 samples.*--skip-broken"):
        open_dataset(tmp_path)


def test_a_track_with_only_a_mixture_cannot_teach_anything(tmp_path):
    write_track(tmp_path / "a", "vocals", "bass")
    write_track(tmp_path / "b", "mixture")
    with pytest.raises(DataError, match="b has a mixture and no stem"):
        open_dataset(tmp_path)
    assert names(tmp_path, skip_broken=True) == ["a"]


def test_skipping_does_not_help_where_nothing_is_left(tmp_path):
    write_track(tmp_path / "b", "mixture")
    with pytest.raises(DataError, match="no track is left without them"):
        open_dataset(tmp_path, skip_broken=True)


def test_one_stem_without_any_mixture_has_nothing_to_be_separated_from(tmp_path):
    for name in ("a", "b"):
        write_track(tmp_path / name, "vocals")
    with pytest.raises(DataError, match="have only vocals and no mixture"):
        open_dataset(tmp_path)


def test_one_stem_with_a_mixture_has_the_rest_as_a_residual(tmp_path):
    write_track(tmp_path / "a", "vocals", "mixture")
    write_track(tmp_path / "b", "vocals", "bass", "mixture")
    assert [track.has_residual for track in open_dataset(tmp_path).tracks] == [True, False]


def test_a_track_is_as_long_as_its_longest_recording_at_any_rate(tmp_path):
    write(tmp_path / "a" / "bass.wav", noise(1))
    write(tmp_path / "a" / "vocals.wav", noise(1.5, channels=1, rate=16000), rate=16000)
    (track,) = open_dataset(tmp_path).tracks
    assert track.sample_rate == RATE
    assert track.samples == 1.5 * RATE
    assert track.samples_at(16000) == 1.5 * 16000
    assert track.channels == 2


def test_finding_tracks_opens_no_file(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "vocals.wav").write_text("not looked into")
    assert [track.name for track in find_tracks(tmp_path).splits["train"]] == ["a"]
