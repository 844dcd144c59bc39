"""The Demucs family answers as the package demucs does: its answers are stored."""

import pytest
import torch

from tests.models.demucs_cases import CASES, network
from tests.models.golden_files import golden
from tests.models.weights import fill, mixture


@torch.no_grad()
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_network_answers_as_the_package_did(case):
    stems = fill(network(case))(mixture(2, case.channels, case.samples))
    expected = golden(case.golden)
    assert stems[..., : expected.shape[-1]].shape == expected.shape
    # 1e-5 of the largest value.
    assert (stems[..., : expected.shape[-1]] - expected).abs().max() <= 1e-5 * stems.abs().max()
