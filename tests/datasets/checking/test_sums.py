"""Stems that do not sum to the mixture, and the reason that is given."""

from collections.abc import Mapping

import numpy as np
import pytest
from numpy import ndarray

from auralflow.datasets.checking.measures.mixing import MixingMeter
from tests.datasets.checking.folders import STEMS, findings, number, only, stems_of, write_song
from tests.datasets.music import RATE, noise, write


def _sum(stems: Mapping[str, ndarray]) -> ndarray:
    total: ndarray = np.sum(list(stems.values()), axis=0)
    return total


def test_stems_that_sum_to_the_mixture_are_fine(tmp_path):
    write_song(tmp_path / "song", stems_of())
    assert findings(tmp_path, "sum") == []


def test_a_residual_as_of_a_lossy_mixture_is_fine(tmp_path):
    stems = stems_of()
    total = _sum(stems)
    # 27 dB below the mixture, as MUSDB18's own mixtures are beside the sum of its stems.
    error = np.random.default_rng(9).normal(0, total.std() * 10 ** (-27 / 20), total.shape)
    write_song(tmp_path / "song", stems, mixture=total + error.astype(np.float32))
    assert findings(tmp_path, "sum") == []


@pytest.mark.parametrize(("gain_db", "word"), [(-3.0, "softer"), (4.0, "louder")])
def test_a_mixture_at_another_level_is_told_with_the_level(tmp_path, gain_db, word):
    stems = {name: 0.4 * audio for name, audio in stems_of().items()}
    gain = 10 ** (gain_db / 20)
    write_song(tmp_path / "song", stems, mixture=gain * _sum(stems))
    finding = only(tmp_path, "sum")
    assert (
        f"the mixture is {abs(gain_db):.1f} dB {word} than the sum of its stems" in finding.message
    )
    assert finding.severity == "warning"
    assert finding.numbers["gain_db"] == pytest.approx(gain_db, abs=0.01)
    # m = g s leaves (1 - 1/g) m.
    expected = 20 * np.log10(abs(1 - 1 / gain))
    assert finding.numbers["residual_db"] == pytest.approx(expected, abs=0.05)


def test_a_mixture_upside_down_is_told(tmp_path):
    stems = stems_of()
    write_song(tmp_path / "song", stems, mixture=-_sum(stems))
    finding = only(tmp_path, "sum")
    assert "upside down" in finding.message
    assert finding.numbers["polarity"] == -1
    # m minus the sum is 2 m: four times the energy.
    assert finding.numbers["residual_db"] == pytest.approx(6.02, abs=0.01)


@pytest.mark.parametrize(
    ("weight", "told"),
    [(0.0, "lacks vocals"), (-1.0, "has vocals upside down"), (0.5, "has vocals 6.0 dB softer")],
)
def test_a_stem_that_the_mixture_holds_otherwise_is_named(tmp_path, weight, told):
    stems = stems_of()
    mixture = stems["bass"] + stems["drums"] + weight * stems["vocals"]
    write_song(tmp_path / "song", stems, mixture=mixture)
    finding = only(tmp_path, "sum")
    assert told in finding.message
    assert finding.numbers["weight_vocals"] == pytest.approx(weight, abs=0.01)
    assert "weight_bass" not in finding.numbers


def test_something_that_no_stem_has_is_told(tmp_path):
    stems = stems_of()
    more = noise(4.0, seed=99)
    write_song(tmp_path / "song", stems, mixture=_sum(stems) + more)
    finding = only(tmp_path, "sum")
    assert "holds more than the stems do" in finding.message
    # One of four parts of equal energy.
    assert finding.numbers["residual_db"] == pytest.approx(-6.02, abs=0.1)


def test_several_stems_that_the_mixture_lacks_are_told_together(tmp_path):
    stems = stems_of()
    write_song(tmp_path / "song", stems, mixture=stems["bass"])
    assert "the mixture lacks drums and vocals: mix" in only(tmp_path, "sum").message


def test_a_limited_mixture_is_told_as_nearly_the_sum(tmp_path):
    stems = stems_of()
    # Cut at 1.4 times its RMS level and made up for: 15 dB of residual, by the integral over the sum of three even
    # distributions.
    total = _sum(stems)
    limit = 1.4 * total.std()
    write_song(tmp_path / "song", stems, mixture=1.15 * np.clip(total, -limit, limit))
    finding = only(tmp_path, "sum")
    assert number(finding, "residual_db") == pytest.approx(-15.0, abs=0.3)
    assert "not quite the sum of its stems" in finding.message


@pytest.mark.parametrize(("shift", "way"), [(1105, "lags"), (-300, "leads")])
def test_a_mixture_beside_its_stems_is_told_with_the_samples(tmp_path, shift, way):
    stems = stems_of()
    # 1105 samples is what an MP3 encoder and a decoder that knows nothing of it add.
    mixture = np.roll(_sum(stems), shift, axis=1)
    write_song(tmp_path / "song", stems, mixture=mixture)
    finding = only(tmp_path, "sum")
    assert f"the mixture {way} by {abs(shift)} samples" in finding.message
    assert finding.numbers["shift_samples"] == shift


def test_one_stem_beside_the_others_is_named(tmp_path):
    stems = stems_of()
    mixture = _sum(stems)
    write_song(
        tmp_path / "song", stems | {"drums": np.roll(stems["drums"], 200, axis=1)}, mixture=mixture
    )
    finding = only(tmp_path, "sum")
    assert "drums is 200 samples (0.025 s) too late" in finding.message
    assert finding.numbers["shifted_stem"] == "drums"


def test_a_mixture_of_other_music_is_told_without_a_guess(tmp_path):
    write_song(tmp_path / "song", stems_of(), mixture=noise(4.0, seed=99))
    finding = only(tmp_path, "sum")
    assert "do not sum to the mixture at any level" in finding.message
    # The mixture and three stems, all of one energy and unrelated: (1 + 3) / 1.
    assert finding.numbers["residual_db"] == pytest.approx(6.02, abs=0.2)


def test_a_silent_mixture_and_silent_stems_are_told(tmp_path):
    stems = stems_of(seconds=1)
    silence = np.zeros_like(stems["bass"])
    write_song(tmp_path / "one", stems, mixture=silence)
    write_song(tmp_path / "two", dict.fromkeys(STEMS, silence), mixture=stems["bass"])
    one, two = sorted(findings(tmp_path, "sum"), key=lambda finding: finding.track)
    assert "the mixture is silent" in one.message
    assert "the stems are silent" in two.message


def test_one_stem_beside_a_mixture_is_not_expected_to_sum_to_it(tmp_path):
    write(tmp_path / "song" / "vocals.wav", noise(1))
    write(tmp_path / "song" / "mixture.wav", noise(1, seed=1))
    assert findings(tmp_path, "sum") == []


def test_the_sum_is_told_across_rates_and_lengths_and_channels(tmp_path):
    stems = stems_of(seconds=3)
    # What half the rate can hold exactly: a soft tone of 100 Hz; mono, and shorter than the others.
    time = np.arange(2 * RATE) / RATE
    tone = (0.2 * np.sin(2 * np.pi * 100 * time) * np.hanning(len(time))).astype(np.float32)
    mixture = _sum(stems) + np.pad(tone, (0, RATE))
    write_song(tmp_path / "song", stems, mixture=mixture)
    write(tmp_path / "song" / "other.wav", tone[None, ::2], rate=RATE // 2)
    assert findings(tmp_path, "sum") == []
    (tmp_path / "song" / "other.wav").unlink()
    assert len(findings(tmp_path, "sum")) == 1


def test_the_products_do_not_depend_on_the_blocks():
    together = np.random.default_rng(0).normal(size=(3, 2, 1000)).astype(np.float32)
    whole, parts = MixingMeter(("a", "b"), 8000), MixingMeter(("a", "b"), 8000)
    whole.push(together)
    for start in range(0, 1000, 130):
        parts.push(together[:, :, start : start + 130])
    flat = together.reshape(3, -1).astype(np.float64)
    np.testing.assert_allclose(whole.result().products, flat @ flat.T, rtol=1e-12)
    np.testing.assert_allclose(parts.result().products, flat @ flat.T, rtol=1e-12)
