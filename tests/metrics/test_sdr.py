"""The framewise SDR against museval and against closed forms."""

import numpy as np
import pytest
import torch

from auralflow.errors import ModelError
from auralflow.metrics import sdr_frames
from tests.metrics.signals import chirp, estimates, references

# museval 0.4.1, `metrics.bss_eval(references, estimates, window=frame, hop=frame)` with its 512-tap
# filters, on the signals of tests/metrics/signals.py: first source, then second. Of 2600 samples it
# makes two frames of 1000 (600 are dropped), three of 700, and one of 4000.
MUSEVAL = {
    1000: [[21.993298926005, 21.598176187525], [15.429869508354, 15.227115039039]],
    700: [
        [22.057910941564, 21.795854824120, 21.457076287002],
        [15.398208812533, 15.396963118134, 15.161326258931],
    ],
    4000: [[21.617359991081], [15.233897455437]],
}
MUSEVAL_SECOND_SILENT = [
    [22.057910941564, np.nan, 21.457076287009],
    [15.398208812533, np.nan, 15.161326258933],
]


def batch(audio: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(audio.copy())[None]


@pytest.mark.parametrize("frame", sorted(MUSEVAL))
def test_frames_and_their_ratios_are_those_of_museval(frame):
    measured = sdr_frames(batch(estimates()), batch(references()), frame=frame)[0]
    np.testing.assert_allclose(measured.numpy(), MUSEVAL[frame], rtol=0, atol=1e-9)


def test_a_frame_with_a_silent_reference_counts_for_no_source_as_in_museval():
    truth = references()
    estimate = estimates()
    truth[1, :, 700:1400] = 0
    measured = sdr_frames(batch(estimate), batch(truth), frame=700)[0]
    np.testing.assert_allclose(measured.numpy(), MUSEVAL_SECOND_SILENT, rtol=0, atol=1e-9)


def test_a_frame_with_a_silent_estimate_counts_for_no_source():
    estimate = estimates()
    estimate[0, :, :700] = 0
    measured = sdr_frames(batch(estimate), batch(references()), frame=700)[0]
    assert measured[:, 0].isnan().all()
    assert measured[:, 1:].isfinite().all()


def test_stereo_in_antiphase_is_silent_because_museval_adds_the_channels_first():
    truth = references()
    truth[0, 1, :700] = -truth[0, 0, :700]
    measured = sdr_frames(batch(estimates()), batch(truth), frame=700)[0]
    assert measured[:, 0].isnan().all()


def test_a_source_silent_throughout_leaves_the_others_as_they_are_without_it():
    truth = np.concatenate([references(), np.zeros((1, 2, 2600))])
    estimate = np.concatenate([estimates(), 0.01 * references()[:1]])
    measured = sdr_frames(batch(estimate), batch(truth), frame=700)[0]
    np.testing.assert_allclose(measured[:2].numpy(), MUSEVAL[700], rtol=0, atol=1e-9)
    assert measured[2].isnan().all()


def test_items_of_a_batch_do_not_silence_each_other():
    truth = torch.cat([batch(references()), batch(references())])
    truth[0, 0] = 0
    measured = sdr_frames(torch.cat([batch(estimates())] * 2), truth, frame=700)
    assert measured[0, 0].isnan().all()
    np.testing.assert_allclose(measured[1].numpy(), MUSEVAL[700], rtol=0, atol=1e-9)


@pytest.mark.parametrize("level", [1.0, 1e-3, 1e-12])
@pytest.mark.parametrize("offset", [0.0, 1.0])
def test_float32_gives_the_closed_form_at_any_level_and_with_a_constant_offset(level, offset):
    # An estimate 1 % too loud has an error of 1 % of the reference, whatever the reference is: 40 dB.
    # In float32, 1.01 · s is rounded at 6e-8 · s, at random, hence 1e-4 dB; sums in float32 would drift.
    truth = torch.from_numpy(level * (chirp(1e-4, 0, 88_200) + offset)).float()[None, None, None]
    measured = sdr_frames(truth + 0.01 * truth, truth, frame=44_100)
    torch.testing.assert_close(measured, torch.full((1, 1, 2), 40.0).double(), atol=1e-4, rtol=0)


def test_sums_of_float32_are_taken_in_float64():
    # 0.1 and 0.2 in float32 are what they are: a constant reference and error have an exact ratio,
    # which only a sum without rounding finds again after a million terms.
    truth = torch.full((1, 1, 1, 1_000_000), 0.1)
    estimate = torch.full((1, 1, 1, 1_000_000), 0.3)
    one, two = np.float64(np.float32(0.1)), np.float64(np.float32(0.3))
    exact = 20 * np.log10(one / (two - one))
    assert sdr_frames(estimate, truth, frame=1_000_000).item() == pytest.approx(exact, abs=1e-9)


def test_a_perfect_estimate_is_infinitely_good():
    truth = batch(references())
    assert (sdr_frames(truth, truth, frame=1000) == torch.inf).all()


@pytest.mark.parametrize(
    ("estimate", "reference", "frame"),
    [((1, 2, 2, 8), (1, 2, 1, 8), 4), ((1, 1, 1, 8), (1, 1, 1, 8), 0), ((1, 1, 1, 0),) * 2 + (4,)],
)
def test_unequal_shapes_and_empty_frames_are_an_error(estimate, reference, frame):
    with pytest.raises(ModelError, match="give equal shapes"):
        sdr_frames(torch.ones(estimate), torch.ones(reference), frame=frame)
