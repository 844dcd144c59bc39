"""Oracles against cases whose answer is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from auralflow.datasets.config import DataConfig
from auralflow.datasets.sources import open_data
from auralflow.errors import ConfigError
from auralflow.evaluation.oracles import ORACLES, Oracle, parse_oracles
from auralflow.evaluation.oracles.filtering import multichannel_wiener
from auralflow.evaluation.oracles.masks import binary_mask, ratio_mask

RATE = 8000


def answer(
    tmp_path: Path, stems: dict[str, Any], kind: str, targets: tuple[str, ...] = ("vocals",)
) -> tuple[Any, ...]:
    for name, audio in stems.items():
        path = tmp_path / "data" / "song" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, audio.T, RATE, subtype="FLOAT")
    dataset = open_data(tmp_path / "data", DataConfig().model_copy(update={"targets": targets}))
    blocks = list(Oracle(kind, targets, "soundfile").open()(dataset.tracks[0]))
    return tuple(
        np.concatenate([getattr(block, part) for block in blocks], -1)
        for part in ("estimate", "reference", "mixture")
    )


def noise(seed: int, *shape: int) -> Any:
    return 0.1 * np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("kind", ORACLES)
def test_sources_that_never_sound_together_are_separated_perfectly(tmp_path, kind):
    # Silence of more than a window lies between them.
    vocals, drums = noise(0, 2, 3 * RATE), noise(1, 2, 3 * RATE)
    vocals[:, RATE:], drums[:, : 2 * RATE] = 0, 0
    estimate, reference, _ = answer(tmp_path, {"vocals": vocals, "drums": drums}, kind)
    np.testing.assert_allclose(estimate, reference, atol=1e-5)


def test_stereo_sources_from_two_places_are_separated_perfectly_by_the_wiener_filter_alone(
    tmp_path,
):
    left, right = noise(0, 1, 2 * RATE), noise(1, 1, 2 * RATE)
    stems = {
        "vocals": np.concatenate([left, 0 * left]),
        "drums": np.concatenate([0 * right, right]),
    }
    estimate, reference, _ = answer(tmp_path, stems, "mwf")
    np.testing.assert_allclose(estimate, reference, atol=1e-4)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_estimates_of_mask_and_filter_add_up_to_the_mixture(tmp_path, channels):
    # Two equal channels make every covariance singular.
    stems = {name: np.repeat(noise(seed, 1, RATE), channels, 0) for seed, name in enumerate("ab")}
    for kind in ("irm", "mwf"):
        estimate, _, mixture = answer(tmp_path, stems, kind, targets=("a", "b"))
        np.testing.assert_allclose(estimate.sum(0), mixture, atol=1e-5)


def test_a_silent_track_stays_silent(tmp_path):
    stems = {"vocals": np.zeros((2, 4000)), "drums": np.zeros((2, 4000))}
    for kind in ORACLES:
        estimate, _, _ = answer(tmp_path, stems, kind)
        assert not estimate.any()


def test_the_mixture_answers_with_itself(tmp_path):
    stems = {"vocals": noise(0, 2, RATE), "drums": noise(1, 2, RATE)}
    estimate, _, mixture = answer(tmp_path, stems, "mixture")
    assert (estimate[0] == mixture).all()


def test_masks_are_shares_and_halves():
    # Magnitudes 3 and 1 of a mixture of 2 (in opposite phase) and 4 (in phase).
    sources = torch.tensor([[3.0, 3.0], [-1.0, 1.0]], dtype=torch.complex64).view(1, 2, 1, 1, 2)
    mixture = sources.sum(1)
    assert ratio_mask(sources, mixture).real.flatten().tolist() == pytest.approx(
        [1.5, 3.0, 0.5, 1.0]
    )
    # 1 is half of 2, and a quarter of 4.
    assert binary_mask(sources, mixture).real.flatten().tolist() == [2.0, 4.0, 2.0, 0.0]


def test_the_wiener_filter_of_one_channel_is_the_share_of_power():
    sources = torch.tensor([2.0, 1.0], dtype=torch.complex64).view(1, 2, 1, 1, 1)
    found = multichannel_wiener(sources, sources.sum(1)).real.flatten().tolist()
    assert found == pytest.approx([3 * 4 / 5, 3 * 1 / 5])


def test_oracles_are_named():
    assert parse_oracles("mwf, IRM") == ["mixture", "irm", "mwf"]
    assert parse_oracles(["all"]) == ["mixture", "irm", "ibm", "mwf"]
    assert parse_oracles(()) == []
    with pytest.raises(ConfigError, match=r"oracles has imr \(did you mean irm\?\)"):
        parse_oracles("imr")
