"""Silent stems, flat tops, and samples beyond full scale."""

import numpy as np
import pytest

from auralflow.datasets.checking.measures.flat_tops import FlatTopCounter
from auralflow.datasets.checking.measures.levels import LevelMeter
from tests.datasets.checking.folders import findings, only, stems_of, write_song
from tests.datasets.music import RATE, noise


def _sine(hertz: float, *, gain: float, seconds: float = 2.0):
    time = np.arange(round(seconds * RATE)) / RATE
    return np.tile(gain * np.sin(2 * np.pi * hertz * time), (2, 1)).astype(np.float32)


def test_sounding_stems_are_not_silent(tmp_path):
    write_song(tmp_path / "song", stems_of(seconds=1))
    assert findings(tmp_path, "silent") == []


def test_digital_silence_is_a_hint(tmp_path):
    stems = stems_of(seconds=1)
    write_song(tmp_path / "song", stems | {"vocals": np.zeros_like(stems["bass"])})
    finding = only(tmp_path, "silent")
    assert (finding.severity, finding.stem) == ("hint", "vocals")
    assert "digital silence throughout" in finding.message
    assert finding.numbers == {"rms_dbfs": -200.0, "active_share": 0.0}


def test_a_near_silent_stem_is_a_hint_with_its_level(tmp_path):
    # A sine has an RMS 3.01 dB below its peak; 24 bits hold it.
    quiet = _sine(440, gain=10 ** (-65 / 20), seconds=1)
    write_song(tmp_path / "song", stems_of(seconds=1) | {"vocals": quiet}, subtype="PCM_24")
    finding = only(tmp_path, "silent")
    assert finding.stem == "vocals"
    assert finding.numbers["rms_dbfs"] == pytest.approx(-68.01, abs=0.02)
    assert "near-silent, -68.0 dBFS RMS" in finding.message


def test_a_stem_that_hardly_ever_sounds_is_a_hint(tmp_path):
    stems = stems_of(seconds=20)
    short = np.zeros_like(stems["bass"])
    short[:, :800] = noise(0.1)
    write_song(tmp_path / "song", stems | {"vocals": short})
    finding = only(tmp_path, "silent")
    assert "sounds for 0.1 of 20.0 s" in finding.message
    assert finding.numbers["active_share"] == 0.005


def test_a_silent_mixture_is_a_warning(tmp_path):
    stems = stems_of(seconds=1)
    write_song(tmp_path / "song", stems, mixture=np.zeros_like(stems["bass"]))
    finding = only(tmp_path, "silent")
    assert (finding.severity, finding.stem) == ("warning", "mixture")


def test_music_below_full_scale_and_a_peak_at_it_are_no_clipping(tmp_path):
    stems = {"bass": _sine(440, gain=0.3), "drums": _sine(300, gain=0.5)}
    stems["bass"][:, 1000] = 1.0
    write_song(tmp_path / "song", stems)
    assert findings(tmp_path, "clipping") == []


@pytest.mark.parametrize("seconds", [2.0, 0.03, 6.0])
def test_flat_tops_are_counted(tmp_path, seconds):
    # 100 Hz, cut at full scale from 1.5: each of two channels has one flat top in each half wave.
    clipped = np.clip(_sine(100, gain=1.5, seconds=seconds), -1, 32767 / 32768)
    write_song(tmp_path / "song", {"bass": clipped, "drums": 0.0 * clipped})
    found = {finding.stem: finding for finding in findings(tmp_path, "clipping")}
    assert set(found) == {"bass", "mixture"}
    assert found["bass"].numbers["places"] == 2 * 2 * 100 * seconds
    # 1.5 sin(2 pi 100 t) passes 1 at t = asin(2 / 3) / (200 pi) = 1.161 ms.
    assert found["bass"].numbers["first_seconds"] == pytest.approx(0.00116, abs=1.5 / RATE)


def test_a_few_flat_tops_are_a_hint_and_many_a_warning(tmp_path):
    few, many = _sine(440, gain=0.4), np.clip(_sine(100, gain=1.5), -1, 1)
    few[0, 500:504] = 1.0
    write_song(tmp_path / "song", {"bass": few, "drums": many}, mixture=0 * few)
    found = {finding.stem: finding for finding in findings(tmp_path, "clipping")}
    assert found["bass"].severity == "hint"
    assert "clipped in one place, first at 0.062 s" in found["bass"].message
    assert found["bass"].numbers["clipped_samples"] == 4
    assert found["drums"].severity == "warning"


def test_samples_beyond_full_scale_in_floating_point_are_a_hint(tmp_path):
    stems = {"bass": _sine(440, gain=1.2), "drums": _sine(300, gain=0.1)}
    write_song(tmp_path / "song", stems, mixture=0.5 * stems["bass"], subtype="FLOAT")
    finding = only(tmp_path, "clipping")
    assert (finding.severity, finding.stem) == ("hint", "bass")
    # 20 log10 1.2
    assert finding.numbers["peak_dbfs"] == pytest.approx(1.58, abs=0.02)
    assert finding.numbers["samples_beyond"] == int((np.abs(stems["bass"]) > 1).sum())


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_flat_tops_do_not_depend_on_the_blocks(size):
    signal = np.clip(_sine(100, gain=1.5, seconds=0.1), -1, 1)
    signal[:, :100] *= 0.5  # a lower peak first, so that the count starts anew
    counter = FlatTopCounter(RATE, 2)
    for start in range(0, signal.shape[1], size):
        counter.push(signal[:, start : start + size])
    whole = FlatTopCounter(RATE, 2)
    whole.push(signal)
    assert counter.result() == whole.result()
    # Twenty half waves in each channel, of which the first two are softer as a whole.
    assert whole.result().runs == 2 * 18


def test_levels_do_not_depend_on_the_blocks():
    signal = noise(1.03)
    meter, whole = LevelMeter(RATE), LevelMeter(RATE)
    whole.push(signal)
    for start in range(0, signal.shape[1], 1600):
        meter.push(signal[:, start : start + 1600])
    assert meter.result().energy == pytest.approx(whole.result().energy, rel=1e-12)
    assert meter.result().active_seconds == pytest.approx(1.03)
