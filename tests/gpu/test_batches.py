"""From files to what a loss says: the GPU's way and the processor's have the same numbers."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch

from auralflow.augment import AugmentConfig
from auralflow.losses import LOSSES, create_loss
from auralflow.training.hearing import hear
from auralflow.training.repeating import same_bits
from tests.augment.cases import NAMES, changed, drawn, noise, section_of
from tests.losses.signals import STFT, pair, spectral_pair
from tests.training.test_hearing import KEYS, chunks_of

HALF = {"probability": 0.5}


@pytest.mark.parametrize("is_pinned", [True, False], ids=["page-locked", "pageable"])
@pytest.mark.parametrize(
    "augment",
    [{}, {"gain": HALF, "swap_channels": HALF, "flip_polarity": HALF}, {"reverb": HALF}],
    ids=["plain", "simple", "reverb"],
)
def test_raw_chunks_become_the_processors_stems(
    songs: Path, augment: dict[str, Any], is_pinned: bool
) -> None:
    config = AugmentConfig.model_validate(augment)
    chunks = chunks_of(songs, config)
    raw = chunks.read(KEYS, is_pinned=is_pinned)
    assert raw.samples.is_pinned() is is_pinned
    heard = hear(raw.to("cuda", non_blocking=True), config, sample_rate=8000, samples=4000)
    expected = hear(chunks.read(KEYS), config, sample_rate=8000, samples=4000)
    for own, other in zip(heard, expected, strict=True):
        assert own.device.type == "cuda"
        torch.testing.assert_close(own.cpu(), other, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_augmentations_do_on_a_gpu_what_they_do_elsewhere(name: str) -> None:
    section, sound = section_of(name), noise(4, 3, 2, 4000)
    numbers = drawn(name, 4, 3)
    expected = changed(name, sound, numbers, section)
    with same_bits():
        found = changed(name, sound.cuda(), numbers, section)
    assert found.device.type == "cuda"
    torch.testing.assert_close(found.cpu(), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("form", ["samples", "magnitudes"])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_their_slopes_are_the_processors(name: str, form: str) -> None:
    # Noise, so that next to no difference is so small that rounding decides its sign.
    truth, error = noise(2, 2, 2, 12_000), noise(2, 2, 2, 12_000, seed=1)
    estimate = truth + 0.5 * error
    answers = []
    for device in ("cpu", "cuda"):
        here, stft = truth.to(device), STFT.to(device)
        given = estimate.to(device)
        given = (stft(given).abs() if form == "magnitudes" else given).requires_grad_()
        for _ in range(2):
            with same_bits() if device == "cuda" else nullcontext():
                loss, _ = create_loss(name)(
                    (spectral_pair if form == "magnitudes" else pair)(given, here)
                )
                (slope,) = torch.autograd.grad(loss, given)
            assert slope.device.type == device
            answers.append((loss.detach().cpu(), slope.cpu()))
    STFT.to("cpu")
    (loss, slope), _, (own_loss, own_slope), (own_loss_again, own_slope_again) = answers
    assert torch.equal(own_loss, own_loss_again)
    assert torch.equal(own_slope, own_slope_again)
    torch.testing.assert_close(own_loss, loss, rtol=1e-4, atol=1e-5)
    assert float((own_slope - slope).norm() / slope.norm()) < 1e-2
