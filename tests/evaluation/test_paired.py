"""What is claimed of two models."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from auralflow.evaluation import Evaluation, TrackResult, bootstrap
from auralflow.evaluation.paired import differences_between
from auralflow.metrics import Score, TrackScores


def evaluation(name: str, values: list[float], metric: str = "sdr") -> Evaluation:
    return Evaluation(
        name,
        tuple(
            TrackResult(
                str(number), TrackScores(1.0, {"vocals": {metric: Score(value, 0.0, 1, 0)}})
            )
            for number, value in enumerate(values)
        ),
    )


def verdict(one: list[float], other: list[float], metric: str = "sdr") -> str:
    (found,) = differences_between(evaluation("a", one, metric), evaluation("b", other, metric))
    return found.verdict


def test_the_interval_of_a_normal_means_is_the_one_of_theory():
    # The mean of n values with deviation s has the standard error s/√n; the percentile interval is ±1.96 of it.
    values = np.array([NormalDist().inv_cdf((i + 0.5) / 400) for i in range(400)])
    _, mean = bootstrap(list(1.0 + values))
    error = values.std() / math.sqrt(400)
    assert mean.value == pytest.approx(1.0)
    assert (mean.low, mean.high) == pytest.approx((1 - 1.96 * error, 1 + 1.96 * error), abs=0.006)


def test_exchanging_the_models_mirrors_everything():
    one, other = [1.0, 2.0, 4.0, 3.5, 2.2, 5.0, 0.3], [1.5, 2.5, 3.0, 4.5, 2.9, 5.2, 1.3]
    (there,) = differences_between(evaluation("a", one), evaluation("b", other))
    (back,) = differences_between(evaluation("b", other), evaluation("a", one))
    for a, b in ((there.median, back.median), (there.mean, back.mean)):
        assert (a.value, a.low, a.high) == pytest.approx((-b.value, -b.high, -b.low), abs=1e-12)
    assert there.won + back.won == pytest.approx(1)


def test_the_order_of_the_tracks_does_not_matter_to_the_values():
    one, other = [1.0, 2.0, 4.0], [1.5, 2.5, 3.0]
    first, second = evaluation("a", one), evaluation("b", other)
    turned = Evaluation("b", tuple(reversed(second.tracks)))
    (straight,), (mixed,) = differences_between(first, second), differences_between(first, turned)
    assert straight.median.value == mixed.median.value == 0.5
    assert straight.won == mixed.won == pytest.approx(2 / 3)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    # 100 worlds of 30 tracks: 95 % promised; the percentile interval is known to keep 92 to 95 at this size.
    generator = np.random.default_rng(1)
    held = [0, 0]
    for _ in range(100):
        intervals = bootstrap(list(generator.normal(0.7, 1.0, 30)))
        held = [h + (i.low <= 0.7 <= i.high) for h, i in zip(held, intervals, strict=True)]
    assert all(88 <= count <= 99 for count in held)


def test_a_clear_advantage_is_better_and_its_mirror_worse():
    one = [1.0, 2.0, 4.0, 3.5, 2.2, 5.0, 0.3]
    other = [value + 1 + 0.01 * number for number, value in enumerate(one)]
    assert verdict(one, other) == "better"
    assert verdict(other, one) == "worse"


def test_lower_is_better_where_the_metric_says_so():
    one = [1.0, 2.0, 4.0, 3.5, 2.2, 5.0, 0.3]
    assert verdict(one, [value - 0.2 for value in one], "mrstft") == "better"


def test_noise_is_not_distinguishable_and_few_tracks_prove_nothing():
    one = [1.0, 2.0, 4.0, 3.5, 2.2, 5.0, 0.3]
    noise = [0.3, -0.4, 0.1, -0.2, 0.25, -0.1, 0.05]
    assert verdict(one, [a + b for a, b in zip(one, noise, strict=True)]) == "not distinguishable"
    assert verdict(one[:5], [value + 3 for value in one[:5]]) == "too few tracks"


def test_silence_is_left_out_and_perfection_is_ranked():
    (found,) = differences_between(
        evaluation("a", [1.0, math.nan, 2.0, math.inf]),
        evaluation("b", [2.0, 5.0, math.inf, math.inf]),
    )
    # Differences 1, ∞ and, both being perfect, 0.
    assert found.tracks == 3
    assert found.median.value == 1.0
    assert found.median.high == math.inf
    assert math.isnan(found.mean.value)
    assert found.won == pytest.approx(2.5 / 3)


def test_tracks_and_targets_of_one_alone_do_not_count():
    assert differences_between(evaluation("a", []), evaluation("b", [1.0])) == []
