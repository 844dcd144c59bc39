"""Slakh2100 as its archive unpacks: FLAC files, a list of instruments in YAML, a folder of songs to leave out."""

from pathlib import Path

import pytest

from auralflow.datasets.layouts import open_dataset
from auralflow.errors import DataError
from tests.datasets.music import noise, write


def write_song(folder: Path, *classes: str, missing: tuple[int, ...] = ()) -> Path:
    lines = ["UUID: 1a2b", "audio_dir: stems", "normalized: true", "stems:"]
    for number, name in enumerate(classes):
        lines += [
            f"  S{number:02}:",
            f"    audio_rendered: {number not in missing}",
            f"    inst_class: {name}",
            f"    is_drum: {name == 'Drums'}",
        ]
        if number not in missing:
            write(folder / "stems" / f"S{number:02}.flac", noise(0.25, seed=number))
    write(folder / "mix.flac", noise(0.25))
    (folder / "metadata.yaml").write_text("\n".join(lines))
    return folder


def test_recordings_of_one_class_are_one_stem(tmp_path):
    write_song(tmp_path / "Track00001", "Guitar", "Drums", "Guitar", "Strings (continued)")
    dataset = open_dataset(tmp_path)
    assert dataset.layout == "slakh"
    (track,) = dataset.tracks
    assert {name: len(parts) for name, parts in track.stems.items()} == {
        "drums": 1,
        "guitar": 2,
        "strings": 1,
    }
    assert track.mixture is not None
    assert track.mixture.path.name == "mix.flac"


def test_splits_are_its_folders_and_what_it_omits_is_omitted(tmp_path):
    for number, split in enumerate(("train", "validation", "test", "omitted")):
        write_song(tmp_path / split / f"Track0000{number}", "Bass", "Drums")
    found = {split: len(tracks) for split, tracks in open_dataset(tmp_path).splits.items()}
    assert found == {"train": 1, "valid": 1, "test": 1}


def test_what_could_not_be_rendered_has_no_file_and_is_passed_over(tmp_path):
    write_song(tmp_path / "Track00001", "Bass", "Drums", "Sound Effects", missing=(2,))
    assert open_dataset(tmp_path).stem_names == ("bass", "drums")


def test_classes_are_mapped_to_targets_by_a_key(tmp_path):
    write_song(tmp_path / "Track00001", "Bass", "Synth Lead", "Sound Effects")
    dataset = open_dataset(tmp_path, stems={"other": ("synth-lead", "sound-effects")})
    assert dataset.stem_names == ("bass", "other")


def test_a_list_that_is_none_is_named(tmp_path):
    folder = write_song(tmp_path / "Track00001", "Bass", "Drums")
    (folder / "metadata.yaml").write_text("stems: [")
    with pytest.raises(DataError, match=r"metadata\.yaml is not a list of instruments"):
        open_dataset(tmp_path)
