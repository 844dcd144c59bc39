"""Broken files and samples that are no numbers are findings, and the rest goes on."""

from pathlib import Path

import numpy as np
import pytest

from auralflow.datasets.checking import check_dataset, to_text
from auralflow.datasets.config import DataConfig
from auralflow.errors import DataError
from tests.datasets.checking.folders import findings, kinds, number, only, stems_of, write_song
from tests.datasets.music import RATE, noise, write


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def test_whole_files_give_no_finding(tmp_path):
    write_song(tmp_path / "song", stems_of(seconds=1))
    report = check_dataset(tmp_path)
    assert report.findings == ()
    assert (report.tracks, report.recordings, report.seconds) == (1, 4, 1.0)


def test_a_file_whose_header_tells_that_it_is_cut_off_is_an_error_and_others_are_checked(tmp_path):
    write_song(tmp_path / "bad", stems_of(seconds=1))
    _cut(tmp_path / "bad" / "drums.wav")
    stems = stems_of(seconds=1)
    write_song(tmp_path / "good", stems, mixture=-np.sum(list(stems.values()), axis=0))
    report = check_dataset(tmp_path)
    assert report.tracks == 1
    assert kinds(report) == {"broken", "sum"}
    broken = report.findings[0]
    assert (broken.severity, broken.track, broken.stem) == ("error", "bad", "drums")
    assert broken.path == str(tmp_path / "bad" / "drums.wav")
    assert "cut off" in broken.message


def test_a_file_that_is_found_to_be_cut_off_while_it_is_read_is_an_error(tmp_path):
    stems = stems_of(seconds=8)
    write_song(tmp_path / "song", stems)
    (tmp_path / "song" / "vocals.wav").unlink()
    # A FLAC file states its length and not its size, so that only decoding tells.
    path = write(tmp_path / "song" / "vocals.flac", stems["vocals"])
    _cut(path)
    finding = only(tmp_path, "broken")
    assert (finding.severity, finding.stem) == ("error", "vocals")
    # Half of the file is gone and the blocks are 2 s: the last whole one ended at 2 s, or at 4 s at most.
    assert 2 <= number(finding, "read_seconds") <= 4
    assert kinds(check_dataset(tmp_path)) == {"broken"}


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_an_error_with_their_time(tmp_path, value):
    write_song(tmp_path / "song", stems_of(seconds=4))
    spoilt = noise(4)
    spoilt[1, 3 * RATE] = value
    write(tmp_path / "song" / "drums.wav", spoilt, subtype="FLOAT")
    finding = only(tmp_path, "not-finite")
    assert (finding.severity, finding.stem) == ("error", "drums")
    assert f"({value}) at 3.000 s" in finding.message
    assert findings(tmp_path, "broken") == []


def test_a_dataset_of_which_every_file_is_broken_is_told_file_by_file(tmp_path):
    for name in ("one", "two"):
        folder = write_song(tmp_path / name, stems_of(seconds=1))
        for path in folder.iterdir():
            _cut(path)
    report = check_dataset(tmp_path)
    assert report.tracks == 0
    assert {finding.check for finding in report.findings} == {"broken"}
    assert len(report.findings) == 8
    assert {finding.track for finding in report.findings} == {"one", "two"}


def test_a_broken_dataset_does_not_keep_another_from_being_checked(tmp_path):
    _cut(write_song(tmp_path / "a" / "song", stems_of(seconds=1)) / "bass.wav")
    write_song(tmp_path / "b" / "song", stems_of(seconds=1))
    report = check_dataset([tmp_path / "a", tmp_path / "b"])
    assert report.tracks == 1
    assert [finding.stem for finding in report.findings] == ["bass"]


def test_what_cannot_be_checked_at_all_is_refused(tmp_path):
    with pytest.raises(DataError, match="there is no folder"):
        check_dataset(tmp_path / "nowhere")
    with pytest.raises(DataError, match="is empty"):
        check_dataset(tmp_path)


def test_a_mixture_without_stems_is_an_error(tmp_path):
    write(tmp_path / "lonely" / "mixture.wav", noise(1))
    write_song(tmp_path / "song", stems_of(seconds=1))
    finding = only(tmp_path, "broken", DataConfig())
    assert "has a mixture and no stem" in finding.message
    assert finding.track == "lonely"


@pytest.mark.parametrize("rate", [100, 4000, 192_000])
@pytest.mark.parametrize("samples", [1, 2, 5000])
def test_odd_rates_lengths_and_channel_counts_are_no_trouble(tmp_path, rate, samples):
    for channels, name in enumerate(("bass", "drums", "vocals"), start=1):
        audio = noise(samples / rate, rate=rate, channels=channels, seed=channels)
        write(tmp_path / "song" / f"{name}.wav", audio, rate=rate)
    report = check_dataset(tmp_path)
    assert kinds(report) == {"channels"}
    assert "1 track, 3 recordings" in to_text(report)
