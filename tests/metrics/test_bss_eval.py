"""BSSEval against museval's stored numbers, closed forms and what must not matter."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from auralflow.errors import ModelError
from auralflow.metrics import bss_eval
from auralflow.metrics.bss_eval_filters import correlate, distinct_channels, fft_length
from tests.metrics.bss_eval_cases import CASES, golden, noise, noisy

TAPS = 16


def measure(estimate, reference, frame=10**6, **options) -> np.ndarray:
    """SDR, ISR, SIR and SAR: (4, sources, frames)."""
    options.setdefault("filter_length", TAPS)
    ratios = bss_eval(estimate, reference, frame=frame, **options)
    return np.stack([ratio.numpy() for ratio in ratios])


def energy(audio: np.ndarray) -> float:
    return float(np.square(audio).sum())


def decibels(wanted: np.ndarray, error: np.ndarray) -> float:
    return 10 * math.log10(energy(wanted) / energy(error))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_frame_is_museval_s(case):
    measured = measure(
        case.estimate,
        case.reference,
        case.frame,
        hop=case.hop,
        filter_length=case.filter_length,
    )
    np.testing.assert_allclose(measured, golden(case), rtol=0, atol=1e-6)


def apart() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two sources and a foreign noise that never sound together, so that no filter makes one of another."""
    first, second, foreign = np.zeros((3, 1, 900))
    first[:, :200] = noise(1, 200)
    second[:, 300:500] = noise(1, 200, seed=1)
    foreign[:, 600:800] = noise(1, 200, seed=2)
    return first, second, foreign


def test_each_ratio_names_its_own_error():
    first, second, foreign = apart()
    reference = np.stack([first, second])
    spatial, interference, artefacts = 0.2 * np.roll(first, 3, -1), 0.1 * second, 0.05 * foreign
    estimate = np.stack([first + spatial + interference + artefacts, second])
    sdr, isr, sir, sar = measure(estimate, reference)[:, 0, 0]
    assert sdr == pytest.approx(decibels(first, spatial + interference + artefacts), abs=1e-9)
    assert isr == pytest.approx(decibels(first, spatial), abs=1e-9)
    assert sir == pytest.approx(decibels(first + spatial, interference), abs=1e-9)
    assert sar == pytest.approx(decibels(first + spatial + interference, artefacts), abs=1e-9)


@pytest.mark.parametrize(
    ("delay", "heard"), [(0, False), (TAPS - 1, False), (TAPS, True), (-1, True)]
)
def test_filters_reach_from_no_delay_to_their_length(delay, heard):
    # Noise is like itself at no other delay: an echo in reach is spatial error, one out of reach an artefact.
    reference = np.zeros((1, 1, 4000))
    reference[..., 100:-100] = noise(1, 1, 3800)
    echo = 0.1 * np.roll(reference, delay, -1)
    sar = measure(reference + echo, reference)[3, 0, 0]
    assert (sar < 25) if heard else (sar > 200)


def test_the_channels_of_a_source_explain_each_other_as_spatial_error():
    reference = noise(2, 2, 3000)
    estimate = reference.copy()
    estimate[0] = reference[0, ::-1]
    ratios = measure(estimate, reference)[:, 0, 0]
    assert ratios[1] == pytest.approx(decibels(reference[0], estimate[0] - reference[0]), abs=1e-9)
    assert ratios[3] > 200


def test_a_source_silent_throughout_leaves_the_others_as_they_are_without_it():
    reference = noise(3, 2, 2100)
    reference[1] = 0
    estimate = noisy(reference)
    measured = measure(estimate, reference, 700)
    np.testing.assert_array_equal(
        measured[:, [0, 2]], measure(estimate[[0, 2]], reference[[0, 2]], 700)
    )
    assert np.isnan(measured[:, 1]).all()


def test_an_estimate_silent_throughout_is_left_out_with_its_source():
    reference = noise(2, 1, 2100)
    estimate = noisy(reference)
    estimate[0] = 0
    measured = measure(estimate, reference, 700)
    assert np.isnan(measured[:, 0]).all()
    np.testing.assert_array_equal(measured[:, 1:], measure(estimate[1:], reference[1:], 700))


def test_silence_only_has_no_number_in_any_frame():
    assert np.isnan(measure(np.zeros((2, 2, 2100)), np.zeros((2, 2, 2100)), 700)).all()


def test_a_source_that_is_heard_after_the_last_full_frame_silences_all_as_in_museval():
    reference = noise(2, 1, 2000)
    estimate = noisy(reference)
    reference[0, :, :1400] = 0
    assert np.isnan(measure(estimate, reference, 700)).all()


def test_one_source_alone_has_no_interference():
    reference = noise(1, 2, 2100)
    assert (measure(noisy(reference), reference, 700)[2] == math.inf).all()


def test_a_perfect_estimate_is_infinitely_good_or_beyond_200_db():
    reference = noise(2, 2, 2100)
    measured = measure(reference, reference, 700)
    assert (measured[0] == math.inf).all()
    assert (measured > 200).all()


@settings(max_examples=20)
@given(gain=st.floats(1e-3, 1e3), seed=st.integers(0, 50))
def test_the_level_of_estimates_and_references_together_does_not_matter(gain, seed):
    reference = noise(2, 1, 900, seed=seed)
    estimate = noisy(reference)
    measured = measure(gain * estimate, gain * reference, 300)
    np.testing.assert_allclose(measured, measure(estimate, reference, 300), rtol=0, atol=1e-8)


@settings(max_examples=20)
@given(gain=st.floats(1e-2, 1e2), seed=st.integers(0, 50))
def test_the_level_of_estimates_alone_changes_neither_interference_nor_artefacts(gain, seed):
    reference = noise(2, 1, 900, seed=seed)
    estimate = noisy(reference)
    louder, plain = measure(gain * estimate, reference, 300), measure(estimate, reference, 300)
    np.testing.assert_allclose(louder[2:], plain[2:], rtol=0, atol=1e-8)


@settings(max_examples=20)
@given(order=st.permutations(range(3)), seed=st.integers(0, 50))
def test_the_order_of_sources_and_of_channels_does_not_matter(order, seed):
    reference = noise(3, 2, 900, seed=seed)
    estimate = noisy(reference)
    turned = measure(estimate[order, ::-1].copy(), reference[order, ::-1].copy(), 300)
    plain = measure(estimate, reference, 300)
    np.testing.assert_allclose(turned, plain[:, order], rtol=0, atol=1e-8)


@given(source=st.integers(0, 1), frame=st.integers(0, 2), of_estimate=st.booleans())
def test_a_silent_frame_counts_for_no_source_and_the_others_do(source, frame, of_estimate):
    reference = noise(2, 2, 900)
    estimate = noisy(reference)
    (estimate if of_estimate else reference)[source, :, 300 * frame : 300 * (frame + 1)] = 0
    missing = np.isnan(measure(estimate, reference, 300))
    assert missing[:, :, frame].all()
    assert missing.sum() == missing[:, :, frame].size


def test_equal_channels_are_as_good_as_one():
    # A source in mono on two channels, and the same on one: energies double together.
    one = noise(2, 1, 2100)
    estimate = noisy(one)
    measured = measure(np.repeat(estimate, 2, 1), np.repeat(one, 2, 1), 700)
    np.testing.assert_allclose(measured, measure(estimate, one, 700), rtol=0, atol=1e-9)


def test_of_equal_channels_the_first_is_kept_wherever_they_are():
    audio = torch.from_numpy(noise(3, 10))
    assert distinct_channels(audio[[0, 1, 0, 2, 1]]) == [0, 1, 3]


def test_a_channel_that_is_the_sum_of_others_is_as_good_as_none():
    # No two channels are equal here, so that the matrix is singular: the damped system is solved.
    first, second = noise(1, 2, 2100), noise(1, 2, 2100, seed=3)
    estimate = np.concatenate([first + 0.1 * second, second]) + 0.05 * noise(2, 2, 2100, seed=4)
    plain = measure(estimate, np.concatenate([first, second]), 700)
    mixed = np.concatenate([first, second, first + 0.5 * second])
    measured = measure(np.concatenate([estimate, estimate[:1]]), mixed, 700)
    np.testing.assert_allclose(measured[3, :2], plain[3], rtol=0, atol=1e-6)


TIME = np.arange(2100)
SINGULAR = {
    "a constant": np.ones((2, 2, 2100)),
    "the same source twice": np.repeat(noise(1, 2, 2100), 2, 0),
    "sines": np.sin(0.05 * TIME * np.array([[[1.0], [1.1]], [[1.7], [1.9]]])),
    "one click": np.pad(np.ones((2, 2, 1)), ((0, 0), (0, 0), (900, 1199))),
    "nearly nothing": 1e-150 * noise(2, 2, 2100),
    "far too loud": 1e30 * noise(2, 2, 2100),
    "one sample": np.ones((2, 2, 1)),
    "two samples": noise(2, 2, 2),
}


@pytest.mark.parametrize("reference", SINGULAR.values(), ids=SINGULAR.keys())
def test_whatever_the_references_are_there_is_a_number(reference):
    estimate = reference + 0.1 * np.abs(reference).max() * noise(*reference.shape, seed=5)
    assert not np.isnan(measure(estimate, reference)).any()


def test_float32_tensors_and_arrays_are_measured_in_float64():
    reference = noise(2, 2, 2100).astype(np.float32)
    estimate = noisy(reference).astype(np.float32)
    single = measure(torch.from_numpy(estimate), torch.from_numpy(reference), 700)
    double = measure(estimate.astype(np.float64), reference.astype(np.float64), 700)
    np.testing.assert_array_equal(single, measure(estimate, reference, 700))
    np.testing.assert_allclose(single, double, rtol=0, atol=1e-9)


@pytest.mark.parametrize("samples", [1, 100, 8000, 130_000])
def test_correlations_from_blocks_are_those_of_the_whole(samples):
    # 130,000 samples are more than the blocks that are multiplied at once.
    reference, estimate = noise(2, samples), noise(1, samples, seed=1)
    measured = correlate(torch.from_numpy(estimate), torch.from_numpy(reference), 20)
    padded = np.pad(np.concatenate([reference, estimate]), ((0, 0), (0, 20)))
    later = np.stack([padded[:, lag : lag + samples] for lag in range(20)])
    expected = np.einsum("it,ljt->ijl", reference, later)
    np.testing.assert_allclose(measured.reference, expected[:, :2], rtol=0, atol=1e-8)
    np.testing.assert_allclose(measured.estimate, expected[:, 2:], rtol=0, atol=1e-8)


@given(st.integers(1, 10**7))
def test_a_transform_is_long_enough_even_and_at_most_a_third_longer_than_asked(samples):
    length = fft_length(samples)
    assert samples <= length <= max(2, 4 * samples / 3 + 1)
    assert length % 2 == 0


@pytest.mark.parametrize(
    ("estimate", "reference", "options", "said"),
    [
        ((2, 2, 8), (2, 1, 8), {}, "give .sources, channels, samples. twice"),
        ((2, 8), (2, 8), {}, "give .sources, channels, samples. twice"),
        ((2, 2, 0), (2, 2, 0), {}, "one sample or more"),
        ((2, 2, 8), (2, 2, 8), {"frame": 0}, "frame is 0"),
        ((2, 2, 8), (2, 2, 8), {"hop": -1}, "hop is -1"),
        ((2, 2, 8), (2, 2, 8), {"filter_length": 0}, "filter_length is 0"),
    ],
)
def test_what_cannot_be_measured_is_an_error_that_says_so(estimate, reference, options, said):
    with pytest.raises(ModelError, match=said):
        measure(np.ones(estimate), np.ones(reference), **options)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_audio_that_is_not_finite_is_an_error_that_names_it(value):
    estimate = noise(2, 2, 100)
    estimate[1, 0, 50] = value
    with pytest.raises(ModelError, match="the estimate holds NaN or infinity"):
        measure(estimate, noise(2, 2, 100))
