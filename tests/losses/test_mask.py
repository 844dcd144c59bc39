"""The mask loss, against closed forms."""

import pytest
import torch

from auralflow.losses import Pair, Resolution, create_loss
from auralflow.losses.mask import ideal_ratio_mask


def loss_of(magnitudes, stems, mixture) -> float:
    """Of spectrograms given as they are: one item and channel, bins in a row."""

    def represent(audio: torch.Tensor) -> torch.Tensor:
        # Samples stand for signed magnitudes, so that the residual is mixture minus stem.
        return audio.abs().unsqueeze(-1)

    pair = Pair.of(
        torch.tensor(magnitudes).reshape(1, 1, 1, -1, 1),
        lambda: torch.zeros(1),
        stems=torch.tensor(stems).reshape(1, 1, 1, -1),
        mixture=torch.tensor(mixture).reshape(1, 1, -1),
        represent=represent,
        resolution=Resolution(2, 2, 1),
        sample_rate=8000,
    )
    return create_loss("mask")(pair)[0].item()


def test_the_ideal_mask_is_the_root_of_the_share_of_energy():
    stem, residual = torch.tensor([3.0, 0.0, 1.0, 0.0]), torch.tensor([4.0, 1.0, 0.0, 0.0])
    assert ideal_ratio_mask(stem, residual).tolist() == pytest.approx([0.6, 0.0, 1.0, 0.0])


def test_it_is_the_mean_square_of_the_difference_between_masks():
    # Masks ½ and 1; ideal ones 3 / 5 and 0 with residuals 4 and −2
    loss = loss_of([3.5, 2.0], stems=[3.0, 0.0], mixture=[7.0, -2.0])
    assert loss == pytest.approx((0.1**2 + 1) / 2)


def test_loud_and_quiet_bins_count_alike():
    loud = loss_of([3.5, 0.0], stems=[3.0, 0.0], mixture=[7.0, 1.0])
    quiet = loss_of([0.035, 0.0], stems=[0.03, 0.0], mixture=[0.07, 1.0])
    assert loud == pytest.approx(quiet)


def test_bins_in_which_the_mixture_is_silent_do_not_count():
    heard = loss_of([3.5], stems=[3.0], mixture=[7.0])
    assert loss_of([3.5, 9.0], stems=[3.0, 0.0], mixture=[7.0, 0.0]) == pytest.approx(heard)


def test_an_estimate_far_louder_than_its_mixture_counts_linearly():
    # A mask of 10 where 1 is right
    assert loss_of([10.0], stems=[1.0], mixture=[1.0]) == pytest.approx(2 * 9 - 1)
