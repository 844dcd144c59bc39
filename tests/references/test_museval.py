"""BSSEval, and the files that museval reads, against museval 0.4.1."""

import json
import os
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from auralflow.datasets.synthetic import compose_song
from auralflow.evaluation import museval_json
from auralflow.metrics import bss_eval
from tests.metrics.bss_eval_cases import CASES, GOLDEN, BSSCase, golden, noise, noisy

NAMES = ("SDR", "ISR", "SIR", "SAR")


@pytest.fixture(autouse=True, scope="module")
def _musdb() -> None:
    """museval asks for musdb, which reads MUSDB18 with ffmpeg, on being imported."""
    sys.modules.setdefault("musdb", ModuleType("musdb"))


def museval_s(case: BSSCase) -> np.ndarray:
    from museval.metrics import bss_eval as reference_implementation

    audio = (case.reference.transpose(0, 2, 1), case.estimate.transpose(0, 2, 1))
    measured: Any = reference_implementation(
        *audio, window=case.frame, hop=case.hop, filters_len=case.filter_length
    )
    return np.stack(measured[:4])


def ours(case: BSSCase) -> np.ndarray:
    measured = bss_eval(
        case.estimate,
        case.reference,
        frame=case.frame,
        hop=case.hop,
        filter_length=case.filter_length,
    )
    return np.stack([ratio.numpy() for ratio in measured])


def test_the_stored_numbers_are_museval_s():
    answers = {case.name: museval_s(case).tolist() for case in CASES}
    if os.environ.get("AURALFLOW_WRITE_GOLDENS"):
        GOLDEN.write_text(json.dumps(answers) + "\n")
    for case in CASES:
        np.testing.assert_allclose(golden(case), answers[case.name], rtol=0, atol=1e-7)


def song(seed: int) -> BSSCase:
    """A composed song in 16 bit, as files have it, whose bass is in mono, and what a clipping network might say."""
    stems = compose_song(seed, seconds=4)
    stems["bass"][1] = stems["bass"][0]
    reference = _in_16_bit(np.stack(list(stems.values())))
    mixture = reference.sum(0)
    echoes = 0.05 * np.roll(mixture, 40, -1)
    estimate = _in_16_bit(np.tanh(0.9 * reference + 0.08 * mixture + echoes))
    return BSSCase("song", estimate, reference, 44_100, 44_100, 512)


def _in_16_bit(audio: np.ndarray) -> np.ndarray:
    return (np.round(audio * 2**15) / 2**15).astype(np.float32)


# The second song's bass is dull, which leaves its filters ill-determined: with the channels of all sources exchanged,
# museval differs from itself by 1.6e-4 dB.
@pytest.mark.parametrize(("seed", "tolerance_db"), [(1, 1e-6), (2, 1.6e-4)])
def test_every_frame_of_a_song_is_museval_s(seed, tolerance_db):
    case = song(seed)
    np.testing.assert_allclose(ours(case), museval_s(case), rtol=0, atol=tolerance_db)


@pytest.mark.parametrize("seed", range(4))
def test_every_frame_of_noise_is_museval_s(seed):
    reference = noise(3, 2, 5000, seed=seed) * np.array([1, 0.1, 0.01])[:, None, None]
    case = BSSCase("noise", noisy(reference), reference, 1200, 700, 128)
    np.testing.assert_allclose(ours(case), museval_s(case), rtol=0, atol=1e-6)


def test_museval_reads_our_files_as_its_own(tmp_path):
    import museval

    case = CASES[0]
    measured = bss_eval(
        case.estimate, case.reference, frame=case.frame, filter_length=case.filter_length
    )
    measured.sir[0, 0], measured.sar[1, 1] = np.inf, np.nan
    folder = tmp_path / "method" / "test"
    folder.mkdir(parents=True)
    text = museval_json(["vocals", "drums"], measured)
    (folder / "song.json").write_text(text)
    theirs = museval.TrackStore("song")
    for row, target in enumerate(["vocals", "drums"]):
        ratios = zip(NAMES, measured, strict=True)
        theirs.add_target(target, {name: values[row].tolist() for name, values in ratios})
    assert json.dumps(json.loads(text)) == json.dumps(json.loads(theirs.json))
    theirs.scores = json.loads(text)
    theirs.validate()
    read = museval.EvalStore()
    read.add_eval_dir(tmp_path / "method")
    medians = read.agg_frames_scores()
    for row, target in enumerate(["vocals", "drums"]):
        for name, values in zip(NAMES, measured, strict=True):
            finite = values[row][values[row].isfinite()].numpy()
            assert medians["song", target, name] == pytest.approx(np.median(finite), abs=1e-5)
    methods = museval.MethodStore()
    methods.add_eval_dir(tmp_path / "method")
    assert set(methods.df["method"]) == {"method"}
