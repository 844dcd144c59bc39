"""The demo, which is the first thing a newcomer runs."""

from pathlib import Path

import pytest
import soundfile

from auralflow import run_demo
from auralflow.demo import DemoResult
from auralflow.errors import SessionError


def _check(result: DemoResult, *, gain_db: float) -> None:
    totals = result.evaluation.summary.totals["vocals"]
    assert result.evaluation.summary.tracks == 6
    assert totals["sdr"].gain_median >= gain_db
    assert totals["usdr"].gain_median >= gain_db
    # Nothing that was measured on was trained or validated on: no sentence says so below the table.
    assert result.evaluation.notes == ()
    for picture in result.pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
    mixture, rate = soundfile.read(result.mixture)
    stems = [soundfile.read(path)[0] for path in result.song.files.values()]
    assert rate == 44_100
    # 32 bit float files: vocals and residual sum to the song but for float32's rounding.
    assert abs(sum(stems) - mixture).max() < 1e-6
    assert (result.training.folder / "metrics.txt").is_file()


def test_an_epoch_of_the_demo_is_enough_to_hear_the_vocals_come_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AURALFLOW_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "démo folder"
    result = run_demo(folder, epochs=1)
    # The first gains 4.9 dB.
    _check(result, gain_db=3.0)
    with pytest.raises(SessionError, match="--force to make the demo anew"):
        run_demo(folder)


@pytest.mark.slow
def test_the_demo_gains_six_decibels_over_the_mixture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AURALFLOW_CACHE", str(tmp_path / "cache"))
    _check(run_demo(tmp_path / "demo"), gain_db=6.0)
