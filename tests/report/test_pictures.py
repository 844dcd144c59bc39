"""The pictures as files; what they look like was looked at."""

import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.image import imread

from auralflow.errors import DataError
from auralflow.report import plot_history, plot_separation

RATE = 8000


def noise(seconds: float, channels: int = 2, seed: int = 0) -> np.ndarray:
    samples = round(seconds * RATE)
    return np.random.default_rng(seed).standard_normal((channels, samples)).astype(np.float32)


def draw(path, *, mixture, estimate, truth, title="a song", target="vocals") -> np.ndarray:
    plot_separation(
        path,
        mixture=mixture,
        estimate=estimate,
        truth=truth,
        sample_rate=RATE,
        title=title,
        target=target,
    )
    picture: np.ndarray = imread(path)
    return picture


@pytest.mark.parametrize(("seconds", "channels"), [(1 / RATE, 1), (25, 2)])
def test_a_picture_is_1200_pixels_wide_whatever_the_audio(tmp_path, seconds, channels):
    audio = noise(seconds, channels)
    picture = draw(tmp_path / "a.png", mixture=audio, estimate=0.5 * audio, truth=0.4 * audio)
    assert picture.shape[:2] == (1070, 1200)
    assert len(list(tmp_path.iterdir())) == 1


def test_silence_can_be_drawn(tmp_path):
    silence = np.zeros((2, RATE), np.float32)
    draw(tmp_path / "a.png", mixture=silence, estimate=silence, truth=silence)


def test_without_a_truth_there_is_a_panel_less_and_the_same_bytes_each_time(tmp_path):
    audio = noise(0.3)
    for name in ("a.png", "b.png"):
        picture = draw(tmp_path / name, mixture=audio, estimate=audio, truth=None)
        assert picture.shape[:2] == (770, 1200)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_names_may_hold_dollars_foreign_letters_line_breaks_and_be_long(tmp_path):
    audio = noise(0.1)
    title = "$5 & $x_ 東京\n" + "é" * 200
    draw(tmp_path / "a.png", mixture=audio, estimate=audio, truth=audio, title=title, target="声")


def test_panels_share_one_scale_so_a_faint_estimate_looks_faint(tmp_path):
    audio = noise(0.5)
    picture = draw(tmp_path / "a.png", mixture=audio, estimate=audio / 1000, truth=audio)
    # The middles of the three panels, left of the colour bar; 60 dB less is far darker.
    mixture, estimate, truth = (
        picture[row - 60 : row + 60, 200:900, :3].mean() for row in (210, 535, 865)
    )
    assert estimate < 0.4 * mixture
    assert truth == pytest.approx(mixture, rel=0.05)


@pytest.mark.parametrize("samples", [0, 99])
def test_lengths_that_differ_or_are_zero_are_an_error(tmp_path, samples):
    audio, other = np.ones((1, samples)), np.ones((1, 0 if samples == 0 else 100))
    with pytest.raises(DataError, match=f"Mixture {samples}, Vocals, separated {other.shape[1]}"):
        draw(tmp_path / "a.png", mixture=audio, estimate=other, truth=None)
    assert list(tmp_path.iterdir()) == []


def test_a_history_shows_losses_above_and_sdr_below(tmp_path):
    history = [
        {"epoch": e, "train_loss": 1 / (e + 1), "valid_loss": 1.2 / (e + 1), "valid_sdr": float(e)}
        for e in range(12)
    ]
    plot_history(tmp_path / "a.png", history, title="$\n声")
    assert imread(tmp_path / "a.png").shape[:2] == (810, 1200)


def test_a_history_without_sdr_or_with_gaps_is_drawn_from_what_there_is(tmp_path):
    history: list[dict[str, float | None]] = [
        {"epoch": 0, "train_loss": 0.0},
        {"epoch": 1, "train_loss": 0.5, "valid_loss": float("nan"), "valid_sdr": None},
    ]
    plot_history(tmp_path / "a.png", history)
    assert imread(tmp_path / "a.png").shape[:2] == (480, 1200)


@pytest.mark.parametrize("history", [[], [{"epoch": 0, "valid_sdr": None}]])
def test_a_history_without_numbers_is_an_error(tmp_path, history):
    with pytest.raises(DataError, match="train one epoch first"):
        plot_history(tmp_path / "a.png", history)


def test_drawing_leaves_matplotlib_as_it_was(tmp_path):
    before = dict(matplotlib.rcParams)
    plot_history(tmp_path / "a.png", [{"epoch": 0, "train_loss": 1.0}])
    assert dict(matplotlib.rcParams) == before


@pytest.mark.slow
def test_pictures_need_no_pyplot():
    # pyplot is what would choose a window system.
    check = "import sys, auralflow.report; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
