"""The meter of a track against the functions on whole tracks."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from auralflow.errors import ModelError
from auralflow.metrics import (
    DEFAULT_METRICS,
    METRICS,
    TrackMeter,
    TrackScores,
    sdr_frames,
    si_sdr,
    usdr,
)
from auralflow.metrics.energy_meter import EnergyMeter
from tests.metrics.signals import estimates, references

SOURCES = ("vocals", "other")


def measure(estimate, reference, mixture=None, *, rate=700, block=10_000) -> TrackScores:
    mixture = reference.sum(0) if mixture is None else mixture
    meter = TrackMeter(SOURCES[: len(reference)], rate)
    for start in range(0, reference.shape[-1], block):
        span = slice(start, start + block)
        meter.update(estimate[..., span], reference[..., span], mixture[..., span])
    return meter.result()


def flat(result: TrackScores) -> list[float]:
    return [
        number
        for scores in result.scores.values()
        for score in scores.values()
        for number in (score.value, score.gain, score.counted, score.left_out)
    ]


@settings(max_examples=30, deadline=None)
@given(block=st.integers(1, 3000), rate=st.sampled_from([100, 700, 1300, 2600, 5000]))
def test_how_a_track_is_cut_into_blocks_does_not_show(block, rate):
    whole = measure(estimates(), references(), rate=rate)
    cut = measure(estimates(), references(), rate=rate, block=block)
    np.testing.assert_allclose(flat(cut), flat(whole), rtol=0, atol=1e-9)


def test_pieces_longer_than_what_is_summed_at_once_change_nothing():
    # 44 100 samples a frame are summed in pieces of 8192, by the functions in one go.
    generator = np.random.default_rng(0)
    truth = generator.standard_normal((1, 2, 100_000)).astype(np.float32)
    estimate = truth + 0.1 * generator.standard_normal((1, 2, 100_000)).astype(np.float32)
    scores = measure(estimate, truth, rate=44_100, block=70_000).scores["vocals"]
    batch = torch.from_numpy(estimate)[None], torch.from_numpy(truth)[None]
    frames = sdr_frames(*batch, frame=44_100)[0, 0].numpy()
    assert scores["sdr"].value == pytest.approx(np.median(frames), abs=1e-9)
    assert scores["usdr"].value == pytest.approx(usdr(*batch).item(), abs=1e-9)
    assert scores["si-sdr"].value == pytest.approx(si_sdr(*batch).item(), abs=1e-9)


def test_a_track_is_the_median_of_its_frames_and_the_gain_is_over_the_mixtures_median():
    truth, estimate = references(), estimates()
    mixture = np.broadcast_to(truth.sum(0), truth.shape)
    frames, baseline = (
        sdr_frames(torch.from_numpy(e.copy())[None], torch.from_numpy(truth)[None], frame=700)[0]
        for e in (estimate, mixture)
    )
    result = measure(estimate, truth)
    for row, source in enumerate(SOURCES):
        score = result.scores[source]["sdr"]
        value, mixed = np.median(frames[row].numpy()), np.median(baseline[row].numpy())
        assert score.value == pytest.approx(value, abs=1e-9)
        assert score.gain == pytest.approx(value - mixed, abs=1e-9)
        assert (score.counted, score.left_out) == (3, 0)


def test_the_mixture_itself_gains_nothing():
    mixture = references().sum(0)
    result = measure(np.stack([mixture, mixture]), references(), mixture)
    assert all(s.gain == 0 for scores in result.scores.values() for s in scores.values())


def test_numpy_and_torch_float32_and_float64_give_the_same():
    truth, estimate = references().astype(np.float32), estimates().astype(np.float32)
    truth.flags.writeable = False
    by_numpy = measure(estimate, truth)
    by_torch = measure(torch.from_numpy(estimate), torch.from_numpy(truth.copy()))
    by_double = measure(estimate.astype(np.float64), truth.astype(np.float64), truth.sum(0))
    assert flat(by_numpy) == flat(by_torch) == flat(by_double)


def test_frames_with_a_silent_source_are_left_out_for_every_source_and_counted():
    truth = references()
    truth[1, :, 700:1400] = 0
    result = measure(estimates(), truth)
    for source in SOURCES:
        assert (result.scores[source]["sdr"].counted, result.scores[source]["sdr"].left_out) == (
            2,
            1,
        )
        assert result.scores[source]["usdr"].left_out == 0


def test_a_source_silent_throughout_has_no_number_and_takes_none_from_the_others():
    truth = references()
    truth[1] = 0
    result = measure(estimates(), truth)
    for name in result.scores["vocals"]:
        silent, other = result.scores["other"][name], result.scores["vocals"][name]
        assert math.isnan(silent.value)
        assert math.isnan(silent.gain)
        assert silent.counted == 0
        assert silent.left_out == (3 if METRICS[name].framewise else 1)
        assert math.isfinite(other.value)
        assert other.left_out == 0


def test_a_mixture_that_is_the_reference_leaves_nothing_to_gain():
    result = measure(estimates()[:1], references()[:1])
    assert math.isfinite(result.scores["vocals"]["sdr"].value)
    assert math.isnan(result.scores["vocals"]["sdr"].gain)


def test_a_track_shorter_than_a_second_is_one_frame():
    result = measure(estimates()[..., :300], references()[..., :300])
    assert result.scores["vocals"]["sdr"].counted == 1
    assert result.seconds == pytest.approx(300 / 700)


def test_what_remains_after_the_last_full_second_counts_for_the_whole_track_only():
    damaged = estimates()
    damaged[..., 2100:] = 0.5
    before, after = measure(estimates(), references()), measure(damaged, references())
    assert after.scores["vocals"]["sdr"] == before.scores["vocals"]["sdr"]
    assert after.scores["vocals"]["usdr"].value < before.scores["vocals"]["usdr"].value


def test_nothing_added_is_nothing_measured():
    result = TrackMeter(SOURCES, 44_100).result()
    assert result.seconds == 0
    assert all(math.isnan(s.value) for scores in result.scores.values() for s in scores.values())


def test_memory_does_not_grow_with_the_samples():
    meter = EnergyMeter(1, 1000)
    block = torch.ones(1, 2, 50_000)
    meter.update(block, block, block[0])
    kept = sum(part.numel() for frame in meter._full for part in (*frame.sums, frame.silent))
    # Five sums of estimate and mixture, and three flags, a second.
    assert kept == 50 * 13


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_an_estimate_that_is_not_a_number_does_not_pass_for_silence(bad):
    estimate = estimates()
    estimate[1, 0, 1500] = bad
    with pytest.raises(ModelError, match=r"estimate of other.*second 2"):
        measure(estimate, references())


def test_shapes_that_do_not_fit_are_an_error():
    with pytest.raises(ModelError, match=r"\(1, 2, 8\).*\(2, 2, 8\)"):
        TrackMeter(SOURCES, 10).update(np.ones((1, 2, 8)), np.ones((2, 2, 8)), np.ones((2, 8)))


def test_less_error_scores_higher_in_every_ratio_of_energies():
    truth = references()
    little, much = (
        measure(truth + share * (estimates() - truth), truth).scores["vocals"] for share in (0.5, 1)
    )
    for metric in DEFAULT_METRICS:
        # Half the amplitude is a quarter of the energy; SI-SDR discounts what lies along the reference.
        difference = little[metric.name].value - much[metric.name].value
        assert difference == pytest.approx(20 * math.log10(2), abs=0.1)


def test_only_the_metrics_that_are_wanted_are_measured():
    meter = TrackMeter(SOURCES, 700, metrics=[METRICS["usdr"], METRICS["l1-freq"]])
    meter.update(estimates(), references(), references().sum(0))
    assert [list(scores) for scores in meter.result().scores.values()] == [["usdr", "l1-freq"]] * 2


@pytest.mark.parametrize("where", ["reference", "mixture"])
def test_truth_that_is_not_a_number_is_named(where):
    blocks = {"estimate": estimates(), "reference": references(), "mixture": references().sum(0)}
    blocks[where][..., 1, 1500] = math.nan
    with pytest.raises(ModelError, match=rf"the {where}.* is not a number in second 2"):
        TrackMeter(SOURCES, 700).update(**blocks)
