"""One recording in several tracks, exactly or in another guise."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy import ndarray

from auralflow.audio import read, resample
from auralflow.datasets.checking.matching import find_matches
from auralflow.datasets.checking.measures.fingerprint import Fingerprinter
from auralflow.datasets.config import DataConfig
from auralflow.datasets.synthetic import compose_song
from tests.datasets.checking.folders import findings, number, only, write_song
from tests.datasets.music import write

RATE = 22050
WHOLE = DataConfig(split=0)
"""Nothing of the training folder is held out."""


def _song(seed: int, seconds: float = 8.0):
    return compose_song(seed, seconds=seconds, sample_rate=RATE)


def _print(audio: ndarray, rate: int = RATE) -> ndarray:
    maker = Fingerprinter(rate)
    maker.push(audio.mean(axis=0))
    return maker.result()


def test_different_songs_are_no_duplicates(tmp_path):
    for seed in range(4):
        write_song(tmp_path / ("train", "test")[seed % 2] / str(seed), _song(seed), rate=RATE)
    assert findings(tmp_path, "duplicate") == []


def test_a_track_in_train_and_test_is_a_warning(tmp_path):
    write_song(tmp_path / "train" / "a", _song(0), rate=RATE)
    write_song(tmp_path / "test" / "b", _song(0), rate=RATE)
    write_song(tmp_path / "test" / "c", _song(1), rate=RATE)
    finding = only(tmp_path, "duplicate", WHOLE)
    assert (finding.severity, finding.track, finding.split, finding.stem) == (
        "warning",
        "b",
        "test",
        "",
    )
    assert "is sample for sample the same as a in train" in finding.message
    assert finding.numbers["other_split"] == "train"
    assert finding.numbers["exact"] is True
    assert finding.numbers["differing_bits"] == 0


def test_a_track_twice_in_train_is_a_hint_unless_one_is_held_out(tmp_path):
    for name in ("a", "b"):
        write_song(tmp_path / name, _song(0), rate=RATE)
    assert only(tmp_path, "duplicate", WHOLE).severity == "hint"
    # Of two tracks and more, at least one is validated on.
    finding = only(tmp_path, "duplicate", DataConfig(split=0.2))
    assert (finding.severity, finding.split, finding.numbers["other_split"]) == (
        "warning",
        "valid",
        "train",
    )


def test_tracks_named_for_testing_count_as_such(tmp_path):
    for name in ("a", "b"):
        write_song(tmp_path / name, _song(0, 4), rate=RATE)
    finding = only(tmp_path, "duplicate", DataConfig(split=0, test_tracks=("a",)))
    assert (finding.severity, finding.track, finding.split) == ("warning", "a", "test")


def test_stems_that_two_songs_share_are_told_with_their_names(tmp_path):
    first, second = _song(0), _song(1)
    write_song(tmp_path / "train" / "a", first, rate=RATE)
    write_song(
        tmp_path / "test" / "b",
        second | {"vocals": first["vocals"], "bass": first["bass"]},
        rate=RATE,
    )
    finding = only(tmp_path, "duplicate", WHOLE)
    assert finding.stem == "bass, vocals"
    assert "is sample for sample the same as that of a in train" in finding.message


@pytest.mark.parametrize("guise", ["mp3", "ogg", "softer", "later", "rate"])
def test_another_copy_of_a_recording_is_found(tmp_path, guise):
    mixture = np.sum(list(_song(3).values()), axis=0)
    folder = tmp_path / "test" / "copy"
    write(tmp_path / "train" / "a" / "mixture.wav", mixture, rate=RATE)
    write(tmp_path / "train" / "a" / "vocals.wav", _song(3)["vocals"], rate=RATE)
    write(folder / "vocals.wav", _song(4)["vocals"], rate=RATE)
    _in_guise(folder, mixture, guise)
    found = [finding for finding in findings(tmp_path, "duplicate", WHOLE) if not finding.stem]
    assert [finding.track for finding in found] == ["copy"]
    assert "another copy of a in train" in found[0].message
    # Half the bits differ between recordings; a tenth or so between two codings of one.
    assert number(found[0], "differing_bits") < 0.2
    assert found[0].numbers["offset_seconds"] == pytest.approx(
        1.0 if guise == "later" else 0, abs=0.06
    )


def _in_guise(folder: Path, mixture: ndarray, guise: str) -> None:
    if guise in ("mp3", "ogg"):
        folder.mkdir(parents=True, exist_ok=True)
        with soundfile.SoundFile(
            folder / f"mixture.{guise}", "w", RATE, 2, format=guise.upper()
        ) as file:
            for start in range(0, mixture.shape[1], 4096):
                file.write(mixture[:, start : start + 4096].T)
        assert read(folder / f"mixture.{guise}").shape[0] == 2
    elif guise == "softer":
        write(folder / "mixture.wav", 0.3 * mixture, rate=RATE)
    elif guise == "later":
        write(folder / "mixture.wav", mixture[:, RATE:], rate=RATE)
    else:
        write(folder / "mixture.wav", resample(mixture, source=RATE, wanted=16000), rate=16000)


def test_silence_is_no_duplicate_of_silence(tmp_path):
    for seed, name in enumerate(("a", "b")):
        stems = _song(seed)
        write_song(tmp_path / name, stems | {"vocals": np.zeros_like(stems["bass"])}, rate=RATE)
    assert findings(tmp_path, "duplicate") == []


def test_of_three_copies_two_are_told(tmp_path):
    for name in ("a", "b", "c"):
        write_song(tmp_path / name, _song(0, 4), rate=RATE)
    found = findings(tmp_path, "duplicate", WHOLE)
    assert [(f.track, f.numbers["other_track"]) for f in found] == [("b", "a"), ("c", "a")]


def test_tracks_without_a_mixture_are_compared_by_their_sum(tmp_path):
    for split in ("train", "test"):
        for name, audio in _song(0).items():
            write(tmp_path / split / split / f"{name}.wav", audio, rate=RATE)
    assert only(tmp_path, "duplicate", WHOLE).stem == ""


def test_a_held_tone_is_no_copy_of_another():
    time = np.arange(8 * RATE) / RATE
    tones = [0.3 * np.sin(2 * np.pi * hertz * time) for hertz in (440, 443, 466, 660)]
    prints = [_print(np.tile(tone.astype(np.float32), (2, 1))) for tone in tones]
    assert list(find_matches(prints, range(4))) == []


def test_a_fingerprint_does_not_depend_on_the_blocks_or_the_level():
    audio = np.sum(list(_song(0).values()), axis=0)
    blocks = Fingerprinter(RATE)
    for start in range(0, audio.shape[1], 3001):
        blocks.push(audio[:, start : start + 3001].mean(axis=0))
    whole = _print(audio)
    assert len(whole) == pytest.approx((8 - 2048 / 5512) * 5512 / 256, abs=1)
    assert (blocks.result() == whole).mean() > 0.99
    assert (_print(0.5 * audio) == whole).mean() > 0.95


def test_many_recordings_are_compared_in_little_time():
    # A thousand songs of a minute: every one with every one would be half a million comparisons.
    rng = np.random.default_rng(0)
    prints = [rng.integers(1, 2**32, 1290, dtype=np.uint32) for _ in range(1000)]
    prints[700] = prints[20][100:]
    (match,) = find_matches(prints, range(1000))
    assert (match.first, match.second) == (20, 700)
    assert match.offset_seconds == pytest.approx(100 * 256 / 5512)
    assert match.differing_bits == 0


def test_recordings_of_one_owner_are_not_compared():
    words = np.random.default_rng(0).integers(1, 2**32, 500, dtype=np.uint32)
    assert list(find_matches([words, words], ["a", "a"])) == []
    assert list(find_matches([], [])) == []


def test_a_recording_that_is_another_stem_elsewhere_is_told(tmp_path):
    first, second = _song(0), _song(1)
    write_song(tmp_path / "train" / "a", first, rate=RATE)
    write_song(tmp_path / "test" / "b", {**second, "bass": first["vocals"]}, rate=RATE)
    finding = only(tmp_path, "duplicate", WHOLE)
    assert (finding.severity, finding.track, finding.stem) == ("warning", "b", "bass")
    assert "is sample for sample the same as that of a in train" in finding.message
