"""Rates, lengths, channels, and bands that end early."""

import numpy as np
import pytest

from auralflow.audio import resample
from tests.datasets.checking.folders import findings, only, stems_of, write_song
from tests.datasets.music import RATE, noise, write


def test_equal_rates_lengths_and_channels_are_fine(tmp_path):
    for name in ("one", "two"):
        write_song(tmp_path / name, stems_of(seconds=1))
    for check in ("rate", "length", "channels", "bandwidth"):
        assert findings(tmp_path, check) == []


def test_differing_rates_in_a_track_are_a_warning(tmp_path):
    write_song(tmp_path / "song", stems_of(seconds=1))
    write(tmp_path / "song" / "vocals.wav", noise(1, rate=11025), rate=11025)
    finding = only(tmp_path, "rate")
    assert finding.severity == "warning"
    assert finding.numbers["hz_vocals"] == 11025
    assert finding.numbers["hz_bass"] == RATE
    assert "vocals 11025 Hz" in finding.message


def test_a_track_at_another_rate_than_most_is_a_hint(tmp_path):
    for name in ("one", "two"):
        write_song(tmp_path / name, stems_of(seconds=1))
    write_song(tmp_path / "three", stems_of(seconds=1), rate=16000)
    finding = only(tmp_path, "rate")
    assert (finding.severity, finding.track) == ("hint", "three")
    assert finding.numbers == {"hz": 16000, "most_hz": RATE}


@pytest.mark.parametrize(("seconds", "severity"), [(3.95, None), (3.8, "hint"), (3.0, "warning")])
def test_a_stem_that_ends_early_is_told(tmp_path, seconds, severity):
    write_song(tmp_path / "song", stems_of(seconds=4))
    write(tmp_path / "song" / "vocals.wav", noise(seconds, seed=2))
    found = findings(tmp_path, "length")
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    for finding in found:
        assert finding.stem == "vocals"
        assert finding.numbers == {"seconds": seconds, "longest_seconds": 4.0}


def test_mono_beside_stereo_is_a_hint(tmp_path):
    write_song(tmp_path / "song", stems_of(seconds=1))
    write(tmp_path / "song" / "vocals.wav", noise(1, channels=1, seed=2))
    finding = only(tmp_path, "channels")
    assert finding.severity == "hint"
    assert finding.numbers == {"most_channels": 2, "channels_vocals": 1}


def test_an_upsampled_file_is_a_hint_with_its_edge(tmp_path):
    for name in ("bass", "drums"):
        high = resample(noise(1, rate=22050, seed=len(name)), source=22050, wanted=44100)
        write(
            tmp_path / "song" / f"{name}.wav",
            high if name == "drums" else noise(1, rate=44100),
            rate=44100,
        )
    finding = only(tmp_path, "bandwidth")
    assert (finding.severity, finding.stem) == ("hint", "drums")
    assert finding.numbers["edge_hz"] == pytest.approx(11025, rel=0.08)


def test_a_band_that_ends_at_16_khz_or_falls_slowly_is_fine(tmp_path):
    cut = resample(noise(1, rate=32000), source=32000, wanted=44100)
    # Brown noise falls by 6 dB an octave, as a soft bass does.
    brown = np.cumsum(noise(1, rate=44100, seed=1) * 0.02, axis=1)
    brown -= brown.mean(axis=1, keepdims=True)
    write(tmp_path / "song" / "drums.wav", cut, rate=44100)
    write(
        tmp_path / "song" / "bass.wav",
        (0.5 * brown / np.abs(brown).max()).astype(np.float32),
        rate=44100,
    )
    assert findings(tmp_path, "bandwidth") == []
