"""What holds for every metric there is."""

import math

import numpy as np
import pytest

from auralflow.metrics import METRICS, Score, TrackMeter
from tests.metrics.signals import estimates, references

NAMES = sorted(METRICS)
ONE_A_METER = sorted({metric.meter: name for name, metric in METRICS.items()}.values())
"""A metric of each meter, for what is the meter's doing."""
RATE = 44_100
SAMPLES = 9000
PERFECT = {
    "usdr": 10 * math.log10(np.square(references(9000)[0]).sum() / 1e-7),
    "log-wmse": -4 * math.log(1e-8),
    "mrstft": 0.0,
    **dict.fromkeys(["l1-freq", "aura-stft", "aura-mrstft"], 100.0),
    **dict.fromkeys(["bleedless", "fullness", "bleedless-mr", "fullness-mr"], 100.0),
    **dict.fromkeys(["sdr", "snr", "si-sdr", "si-sdri", "nsdr"], math.inf),
}
"""Of an estimate that is the reference."""


def truth() -> np.ndarray:
    return references(SAMPLES).astype(np.float32)


def guess(share: float = 1.0) -> np.ndarray:
    # The level makes the loudest bands differ: where they are equal, bleedless and fullness hang on rounding.
    error = estimates(SAMPLES) - references(SAMPLES)
    audio: np.ndarray = 0.9**share * (truth() + share * error)
    return audio.astype(np.float32)


def measure(names, estimate, reference, mixture=None, *, block=SAMPLES) -> dict[str, Score]:
    """The scores of the first source."""
    mixture = reference.sum(0) if mixture is None else mixture
    metrics = [METRICS[name] for name in ([names] if isinstance(names, str) else names)]
    meter = TrackMeter(["vocals", "other"], RATE, metrics=metrics)
    for start in range(0, reference.shape[-1], block):
        span = slice(start, start + block)
        meter.update(estimate[..., span], reference[..., span], mixture[..., span])
    return dict(meter.result().scores["vocals"])


def values(scores: dict[str, Score]) -> list[float]:
    return [number for score in scores.values() for number in (score.value, score.gain)]


@pytest.mark.parametrize("block", [700, 4096, 8999])
def test_how_a_track_is_cut_into_blocks_does_not_show(block):
    whole, cut = measure(NAMES, guess(), truth()), measure(NAMES, guess(), truth(), block=block)
    np.testing.assert_allclose(values(cut), values(whole), rtol=1e-6)


@pytest.mark.parametrize("samples", [1, 2, 3, 60, 600])
def test_the_shortest_tracks_have_numbers_too_cut_or_not(samples):
    estimate, reference = guess()[..., -samples:], truth()[..., -samples:]
    scores = measure(NAMES, estimate, reference)
    assert all(math.isfinite(score.value) for score in scores.values())
    cut = measure(NAMES, estimate, reference, block=-(-samples // 60))
    np.testing.assert_allclose(values(cut), values(scores), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ONE_A_METER)
def test_asking_in_between_changes_nothing(name):
    meter = TrackMeter(["vocals", "other"], RATE, metrics=[METRICS[name]])
    for span in (slice(0, 5000), slice(5000, SAMPLES)):
        meter.update(guess()[..., span], truth()[..., span], truth()[..., span].sum(0))
        last = meter.result().scores["vocals"][name]
    assert last.value == pytest.approx(measure(name, guess(), truth())[name].value, rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_less_error_is_better(name):
    little, much = (measure(name, guess(share), truth())[name].value for share in (0.5, 1.0))
    assert (little > much) == METRICS[name].higher_is_better


def test_a_perfect_estimate_has_the_best_number_there_is():
    # Parts of BSSEval are found by filters, which leave rounding: test_bss_eval.py says how much.
    scores = measure([*PERFECT], truth(), truth())
    assert {name: score.value for name, score in scores.items()} == pytest.approx(PERFECT, abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_silent_reference_leaves_nothing_to_measure_but_for_log_wmse(name):
    reference = truth()
    reference[0] = 0
    score = measure(name, guess(), reference)[name]
    if name == "log-wmse":
        assert (math.isfinite(score.value), score.counted, score.left_out) == (True, 1, 0)
    else:
        assert math.isnan(score.value)
        assert math.isnan(score.gain)
        assert (score.counted, score.left_out) == (0, 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_silent_estimate_has_a_number_but_in_frames_and_where_a_direction_is_wanted(name):
    estimate = guess()
    estimate[0] = 0
    value = measure(name, estimate, truth())[name].value
    assert math.isnan(value) == (METRICS[name].framewise or name in {"si-sdr", "si-sdri"})


@pytest.mark.parametrize("name", NAMES)
def test_the_mixture_itself_gains_nothing(name):
    mixture = truth().sum(0)
    score = measure(name, np.stack([mixture, mixture]), truth(), mixture)[name]
    if METRICS[name].has_gain:
        assert score.gain == 0
    else:
        assert math.isnan(score.gain)


def test_nothing_added_is_nothing_measured():
    result = TrackMeter(["vocals"], RATE, metrics=[METRICS[name] for name in NAMES]).result()
    assert all(math.isnan(score.value) for score in result.scores["vocals"].values())


def test_no_two_metrics_share_a_name_and_no_alias_hides_one():
    labels = [metric.label for metric in METRICS.values()]
    aliases = {alias for metric in METRICS.values() for alias in metric.aliases}
    assert len(set(labels)) == len(METRICS)
    assert not aliases & METRICS.keys()
    assert all(metric.source and metric.explanation for metric in METRICS.values())
