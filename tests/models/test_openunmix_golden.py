"""Open-Unmix answers as its package did for the same weights; the answers are stored."""

import pytest
import torch

from tests.models.golden_files import golden
from tests.models.openunmix_cases import CASES, network
from tests.models.weights import fill, mixture


@torch.no_grad()
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_output_is_that_of_the_package(case):
    stored = golden(case.golden)
    stems = fill(network(case))(mixture(case.batch, case.channels, case.samples))
    assert stems.shape == stored.shape
    assert (stems - stored).abs().max() <= 1e-5 * stored.abs().max()
