"""The component loss, against closed forms."""

import pytest
import torch

from auralflow.losses import create_loss
from auralflow.losses.component import components
from auralflow.losses.options import ComponentOptions
from tests.losses.signals import STFT, spectral_pair, stems


def bins(*values: float) -> torch.Tensor:
    return torch.tensor(values).reshape(1, 1, 1, -1, 1)


def loss_of(mask, stem, residual, *, alpha: float, beta: float) -> float:
    options = ComponentOptions.model_validate({"alpha": alpha, "beta": beta})
    return components(mask, stem, residual, options).item()


STEM, RESIDUAL, MASK = bins(2.0, 1.0), bins(0.5, 1.0), bins(1.0, 0.5)


def test_the_first_component_is_what_the_mask_takes_from_the_target():
    # 0 and ½ of 1
    assert loss_of(MASK, STEM, RESIDUAL, alpha=0, beta=0) == pytest.approx(0.5**2 / 2)


def test_the_second_is_what_it_leaves_of_the_residual():
    # 0.5 and 0.5
    first = 0.5**2 / 2
    found = loss_of(MASK, STEM, RESIDUAL, alpha=0.4, beta=0)
    assert found == pytest.approx(0.6 * first + 0.4 * 0.25)


def test_the_third_is_how_its_shape_is_changed():
    # 0.5 and 0.5 with the energy of 0.5 and 1 is √0.625 twice
    first, height = 0.5**2 / 2, 0.625**0.5
    third = ((height - 0.5) ** 2 + (height - 1) ** 2) / 2
    found = loss_of(MASK, STEM, RESIDUAL, alpha=0, beta=0.4)
    assert found == pytest.approx(0.6 * first + 0.4 * third)


def test_a_mask_that_is_the_same_everywhere_does_not_change_the_shape():
    flat = bins(0.3, 0.3)
    alone = loss_of(flat, STEM, RESIDUAL, alpha=0, beta=0)
    assert loss_of(flat, STEM, RESIDUAL, alpha=0, beta=0.5) == pytest.approx(alone / 2)


def test_what_passes_is_brought_back_by_40_db_at_most():
    # At 1e-4 of its level it comes back as 1e-2 of it.
    faint = bins(1e-4, 1e-4)
    found = loss_of(faint, STEM, RESIDUAL, alpha=0, beta=0.5)
    first = (1 - 1e-4) ** 2 * 2.5
    assert found == pytest.approx(0.5 * first + 0.5 * 0.99**2 * 0.625, rel=1e-5)


def test_all_components_follow_the_level_alike():
    soft = loss_of(MASK, 0.1 * STEM, 0.1 * RESIDUAL, alpha=0.1, beta=0.8)
    loud = loss_of(MASK, STEM, RESIDUAL, alpha=0.1, beta=0.8)
    assert soft == pytest.approx(0.01 * loud, rel=1e-4)


def test_the_mask_is_the_estimate_over_the_mixture():
    # Half of the mixture is a mask of ½ for all targets.
    truth = stems()
    mixture, residual = STFT(truth.sum(1, keepdim=True)), STFT(truth.sum(1, keepdim=True) - truth)
    estimate = (0.5 * mixture.abs()).expand(-1, 2, -1, -1, -1)
    found, _ = create_loss("component")(spectral_pair(estimate, truth))
    expected = 0.1 * (0.5 * STFT(truth).abs()).square().mean()
    expected = expected + 0.1 * (0.5 * residual.abs()).square().mean()
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=0)
