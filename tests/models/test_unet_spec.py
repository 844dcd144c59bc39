"""The default U-Net is that of the paper."""

import pytest
import torch
from torch import nn

from auralflow.models import create

WIDTHS = [16, 32, 64, 128, 256, 512]
"""Jansson et al., ISMIR 2017, section 3.1: six encoder layers from 16 features on, each with twice as many."""
KERNEL = 5
STRIDE = 2
LEAK = 0.2
DROPOUT = 0.5


@pytest.fixture(scope="module")
def model():
    return create("UNetSpec", channels=1)


def kinds_of(level: nn.Module) -> list[type[nn.Module]]:
    """The layers of a level in their order, without what only holds others."""
    layers = [layer for layer in level.modules() if not list(layer.children())]
    return [type(layer) for layer in layers if not isinstance(layer, nn.Sequential)]


def test_the_encoder_is_six_strided_convolutions_with_batch_norm_and_a_leak(model):
    kinds = [kinds_of(level) for level in model.unet.encoder]
    assert kinds == [[nn.Conv2d, nn.BatchNorm2d, nn.LeakyReLU]] * 6
    convolutions = [layer for layer in model.unet.encoder.modules() if isinstance(layer, nn.Conv2d)]
    assert [conv.out_channels for conv in convolutions] == WIDTHS
    assert {(conv.kernel_size, conv.stride) for conv in convolutions} == {
        ((KERNEL,) * 2, (STRIDE,) * 2)
    }
    leaks = [
        layer.negative_slope
        for layer in model.unet.encoder.modules()
        if isinstance(layer, nn.LeakyReLU)
    ]
    assert leaks == [LEAK] * 6


def test_the_decoder_is_six_transposed_convolutions_with_dropout_in_the_first_three(model):
    kinds = [kinds_of(level) for level in model.unet.decoder]
    plain = [nn.ConvTranspose2d, nn.BatchNorm2d, nn.ReLU]
    assert kinds == [[*plain, nn.Dropout]] * 3 + [plain] * 2 + [[nn.ConvTranspose2d]]
    assert {layer.p for layer in model.modules() if isinstance(layer, nn.Dropout)} == {DROPOUT}
    up = [layer for layer in model.modules() if isinstance(layer, nn.ConvTranspose2d)]
    assert [layer.out_channels for layer in up] == [256, 128, 64, 32, 16, 1]
    # All but the first take the skip from the encoder beside the level below.
    assert [layer.in_channels for layer in up] == [512, 512, 256, 128, 64, 32]


def test_there_is_no_bottleneck_and_the_mask_is_a_sigmoid(model):
    assert len(model.unet.bottleneck.layers) == 0
    assert isinstance(model.domain.mask.activation, nn.Sigmoid)


@pytest.mark.parametrize(("channels", "targets"), [(1, 1), (2, 1), (2, 4)])
def test_the_number_of_parameters_is_that_of_the_formula(channels, targets):
    names = ("vocals", "drums", "bass", "other")[:targets]
    model = create("unet", channels=channels, targets=names)
    down = zip([channels, *WIDTHS], WIDTHS, strict=False)
    encoder = sum(KERNEL**2 * before * after + 2 * after for before, after in down)
    up = zip([512, 512, 256, 128, 64], [256, 128, 64, 32, 16], strict=True)
    decoder = sum(KERNEL**2 * before * after + 2 * after for before, after in up)
    planes = channels * targets
    last = KERNEL**2 * 32 * planes + planes
    assert sum(p.numel() for p in model.parameters()) == encoder + decoder + last


@torch.no_grad()
def test_the_default_network_takes_any_length(model):
    model.eval()
    for samples in (1, 767, 768, 769, 4410):
        assert model(torch.randn(1, 1, samples)).shape == (1, 1, 1, samples)


@torch.no_grad()
def test_the_top_bin_is_masked_as_its_neighbour_is(model):
    mixture = torch.randn(1, 1, 8000)
    model.eval()
    whole = model.domain.stft(mixture).abs()
    mask = model.estimate(mixture).values[0, 0, 0] / whole[0, 0]
    assert torch.allclose(mask[-1], mask[-2], rtol=1e-4)
