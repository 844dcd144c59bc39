"""Stems that lie in files, and what may be wrong with them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from auralflow.errors import AudioError, DataError
from auralflow.evaluation import compare
from auralflow.metrics import Total
from tests.evaluation.conftest import RATE, make_model


@pytest.fixture
def stems(songs, tmp_path):
    """The true vocals as estimates: a perfect separation."""
    folder = tmp_path / "stems"
    for track in sorted((songs / "test").iterdir()):
        (folder / track.name).mkdir(parents=True)
        shutil.copy(track / "vocals.wav", folder / track.name)
    return folder


def change(stems: Path, edit: Callable[[Any], Any], rate: int = RATE) -> Path:
    path = sorted(stems.glob("*/vocals.wav"))[0]
    audio, _ = soundfile.read(path, always_2d=True)
    soundfile.write(path, edit(audio), rate, subtype="FLOAT")
    return Path(path)


def total(songs: Path, stems: Path, **options: Any) -> Total:
    comparison = compare(estimates=[stems], data=songs, save=stems.parent / "out", **options)
    return comparison.evaluations[0].summary.totals["vocals"]["sdr"]


def test_the_truth_as_its_own_estimate_is_perfect(songs, stems):
    found = total(songs, stems)
    assert (found.tracks, found.perfect) == (3, 3)


def test_estimates_lie_as_separate_leaves_them(songs, stems):
    for folder in sorted(stems.iterdir()):
        (stems / "test" / folder.name / "mixture").mkdir(parents=True)
        (folder / "vocals.wav").rename(stems / "test" / folder.name / "mixture" / "vocals.wav")
        folder.rmdir()
    assert total(songs, stems).perfect == 3


def test_a_known_error_gives_its_ratio(songs, stems):
    # An estimate at 0.9 of the level misses a tenth: 20 dB.
    for path in stems.glob("*/vocals.wav"):
        audio, rate = soundfile.read(path)
        soundfile.write(path, 0.9 * audio, rate, subtype="FLOAT")
    found = total(songs, stems)
    assert (found.lower_quartile, found.median, found.upper_quartile) == pytest.approx(
        (20.0,) * 3, abs=0.01
    )


@pytest.mark.parametrize("samples", [-700, 700])
def test_a_difference_below_a_tenth_of_a_second_is_cut_or_silent(songs, stems, samples):
    def edit(audio):
        return audio[:samples] if samples < 0 else np.pad(audio, ((0, samples), (0, 0)))

    change(stems, edit)
    assert total(songs, stems).tracks == 3


@pytest.mark.parametrize(
    ("edit", "rate", "said"),
    [
        (lambda a: a[: -RATE // 2], RATE, r"is 0.50 s shorter than the track, which lasts 2.00 s"),
        (lambda a: np.pad(a, ((0, RATE), (0, 0))), RATE, "is 1.00 s longer than the track"),
        (lambda a: a, 16000, "is 16000 Hz, and the track is 8000 Hz: resample the estimates"),
        (lambda a: np.repeat(a, 3, 1)[:, :3], RATE, "has 3 channels, and the track has"),
        (lambda a: a * np.nan, RATE, "finite"),
    ],
    ids=["short", "long", "rate", "channels", "nan"],
)
def test_estimates_that_do_not_fit_are_refused_or_left_out(songs, stems, edit, rate, said):
    path = change(stems, edit, rate=rate)
    with pytest.raises(AudioError, match=said) as refusal:
        total(songs, stems)
    assert str(path) in str(refusal.value)
    assert total(songs, stems, skip_broken=True).tracks == 2


def test_a_mono_estimate_counts_for_all_channels(songs, stems):
    change(stems, lambda audio: audio[:, :1])
    assert total(songs, stems).tracks == 3


def test_missing_stems_and_tracks_are_named(songs, stems):
    first, second, _ = sorted(stems.iterdir())
    shutil.rmtree(first)
    with pytest.raises(AudioError, match=f"holds no estimates of {first.name}"):
        total(songs, stems)
    first.mkdir()
    shutil.copy(second / "vocals.wav", first / "drums.wav")
    with pytest.raises(AudioError, match=f"holds no vocals of {first.name}, but drums"):
        total(songs, stems)


def test_a_folder_without_estimates_or_with_two_of_one_is_refused(songs, stems, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no estimates of bass, drums, other, vocals"):
        compare(estimates=[tmp_path / "empty"], data=songs)
    with pytest.raises(DataError, match="is no folder"):
        compare(estimates=[tmp_path / "nowhere"], data=songs)
    path = sorted(stems.glob("*/vocals.wav"))[0]
    shutil.copy(path, path.with_suffix(".flac"))
    with pytest.raises(DataError, match="twice"):
        compare(estimates=[stems], data=songs)


def test_estimates_are_compared_with_a_model_on_the_targets_of_both(songs, stems, tmp_path):
    model = make_model(tmp_path / "net", targets=("vocals", "drums"))
    comparison = compare([model], estimates=[stems], data=songs, save=tmp_path / "out")
    assert {d.target for d in comparison.differences} == {"vocals"}
    assert comparison.differences[0].won == 1.0
