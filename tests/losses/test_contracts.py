"""What every loss of the catalogue promises, whatever it measures."""

import math

import pytest
import torch
from torch import Tensor

from auralflow.errors import ModelError
from auralflow.losses import LOSSES, LossOptions, create_loss
from tests.losses.signals import STFT, estimates, pair, spectral_pair, stems

NAMES = list(LOSSES)
OPTIONS = {
    "plain": LossOptions(),
    "level-matched": LossOptions.model_validate(
        {"l1-snr": {"level-matched": True}, "multi-l1-snr": {"level-matched": True}}
    ),
    "permutation-invariant": LossOptions(permutation_invariant=True),
}

every_loss = pytest.mark.parametrize("name", NAMES)


def value_and_slope(
    name: str, estimate: Tensor, truth: Tensor, *, options: LossOptions | None = None
):
    """The loss of an estimate, samples or magnitudes, and its gradient there."""
    estimate = estimate.clone().requires_grad_()
    of = spectral_pair if estimate.dim() == 5 else pair
    loss, _ = create_loss(name, options)(of(estimate, truth))
    (slope,) = torch.autograd.grad(loss, estimate)
    return loss.detach(), slope


@every_loss
def test_a_perfect_estimate_costs_what_the_catalogue_says(name):
    best = LOSSES[name].best
    loss, _ = create_loss(name)(pair(stems()))
    if best is not None:
        assert 0 <= loss.item() <= best
    else:
        assert math.isfinite(loss.item())


# The component loss weighs what a mask keeps against what it lets through: the truth is not where it is least.
@pytest.mark.parametrize("name", [name for name in NAMES if name != "component"])
def test_the_loss_falls_as_the_estimate_nears_the_truth(name):
    truth = stems()
    error = 3 * (estimates() - truth)
    losses = [create_loss(name)(pair(truth + share * error))[0].item() for share in (1, 0.3, 0.1)]
    assert losses[0] > losses[1] > losses[2]


@every_loss
def test_a_step_down_the_slope_of_samples_or_magnitudes_makes_the_loss_smaller(name):
    # Noise, so that next to no difference is so small that an absolute value turns within the step.
    generator = torch.Generator().manual_seed(0)
    truth, error = (torch.randn(2, 2, 2, 4000, generator=generator) for _ in range(2))
    for estimate in (truth + 0.5 * error, STFT(truth + 0.5 * error).abs()):
        loss, slope = value_and_slope(name, estimate, truth)
        step = 1e-4 * estimate.norm() / slope.norm()
        assert value_and_slope(name, estimate - step * slope, truth)[0] < loss


@every_loss
@pytest.mark.parametrize("options", OPTIONS.values(), ids=list(OPTIONS))
@pytest.mark.parametrize("silent", ["estimate", "reference", "both", "one reference"])
def test_silence_has_a_finite_loss_and_gradient(name, options, silent):
    truth, estimate = stems(), estimates()
    if silent in ("estimate", "both"):
        estimate = torch.zeros_like(estimate)
    if silent in ("reference", "both"):
        truth = torch.zeros_like(truth)
    if silent == "one reference":
        truth[:, 1] = 0
    for form in (estimate, STFT(estimate).abs()):
        loss, slope = value_and_slope(name, form, truth, options=options)
        assert torch.isfinite(loss)
        assert torch.isfinite(slope).all()


@every_loss
@pytest.mark.parametrize("options", OPTIONS.values(), ids=list(OPTIONS))
@pytest.mark.parametrize("samples", [1, 7, 513])
def test_one_item_of_any_length_has_a_finite_loss_and_gradient(name, options, samples):
    span = slice(5000, 5000 + samples)
    truth, estimate = (audio()[:1, :, :, span] for audio in (stems, estimates))
    for form in (estimate, STFT(estimate).abs()):
        loss, slope = value_and_slope(name, form, truth, options=options)
        assert loss.shape == ()
        assert torch.isfinite(loss)
        assert torch.isfinite(slope).all()


@every_loss
def test_one_mono_target_is_enough(name):
    truth, estimate = (audio()[:1, :1, :1] for audio in (stems, estimates))
    loss, slope = value_and_slope(name, estimate, truth)
    assert torch.isfinite(loss)
    assert torch.isfinite(slope).all()


@every_loss
@pytest.mark.parametrize("quiet", [1.0, 0.0])
def test_bfloat16_in_and_autocast_around_give_what_float32_gives(name, quiet):
    for form in (quiet * estimates(), STFT(quiet * estimates()).abs()):
        rounded = form.bfloat16()
        exact, _ = value_and_slope(name, rounded.float(), stems())
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss, slope = value_and_slope(name, rounded, stems())
        assert loss.dtype == torch.float32
        torch.testing.assert_close(loss, exact)
        assert torch.isfinite(slope).all()


@every_loss
def test_the_loss_of_a_batch_is_the_mean_of_those_of_its_items(name):
    truth, estimate = stems(), estimates()
    loss = create_loss(name)
    alone = [loss(pair(estimate[[item]], truth[[item]]))[0] for item in (0, 1)]
    torch.testing.assert_close(loss(pair(estimate, truth))[0], torch.stack(alone).mean())


@every_loss
def test_what_was_first_computed_without_gradients_can_be_used_with_them(name):
    truth, estimate = (audio()[..., :4321] for audio in (stems, estimates))
    with torch.inference_mode():
        validated, _ = create_loss(name)(pair(estimate, truth))
    trained, slope = value_and_slope(name, estimate, truth)
    assert trained.item() == validated.item()
    assert slope.abs().sum() > 0


@every_loss
def test_shapes_that_would_only_broadcast_are_an_error(name):
    with pytest.raises(ModelError, match=r"\(2, 1, 2, 12000\).*\(2, 2, 2, 12000\)"):
        create_loss(name)(pair(estimates()[:, :1]))
