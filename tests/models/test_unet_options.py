"""Each key of a U-Net's configuration changes in the network what it names, and impossible values are refused."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from auralflow.errors import ConfigError, ModelError
from auralflow.models import create
from auralflow.models.unet.blocks import Decimate
from tests.models.networks import TARGETS, TINY


def unet(*, targets: int = 1, channels: int = 1, **keys: Any) -> nn.Module:
    return create("unet", targets=TARGETS[:targets], channels=channels, **{**TINY, **keys})


def all_of(module: nn.Module, kind: type[nn.Module]) -> list[Any]:
    return [part for part in module.modules() if isinstance(part, kind)]


def parts(model: nn.Module, name: str) -> Any:
    return model.get_submodule(f"unet.{name}")


def test_max_layers_is_the_number_of_levels_on_either_side():
    for depth in (1, 2, 5):
        model = unet(max_layers=depth)
        assert (len(parts(model, "encoder")), len(parts(model, "decoder"))) == (depth, depth)


def test_each_encoder_level_halves_the_resolution_and_doubles_the_features():
    model = unet(max_layers=3, init_features=4).eval()
    features = torch.zeros(1, 1, 64, 32)
    shapes = []
    for level in parts(model, "encoder"):
        features = level(features)
        shapes.append(tuple(features.shape[1:]))
    assert shapes == [(4, 32, 16), (8, 16, 8), (16, 8, 4)]


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_bottleneck_layers_stand_between_encoder_and_decoder(layers):
    convolutions = all_of(parts(unet(bottleneck={"layers": layers}), "bottleneck"), nn.Conv2d)
    # Two levels of 4 and 8 features.
    assert [(conv.in_channels, conv.out_channels) for conv in convolutions] == [(8, 8)] * layers


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_block_layers_is_the_number_of_convolutions_in_a_level(layers):
    keys = {"block_layers": layers}
    model = unet(encoder=keys, decoder=keys)
    for level in parts(model, "encoder"):
        assert len(all_of(level, nn.Conv2d)) == layers
    for level in parts(model, "decoder"):
        assert len(all_of(level, nn.Conv2d) + all_of(level, nn.ConvTranspose2d)) == layers


@pytest.mark.parametrize("size", [1, 3, 7])
def test_kernel_sizes_are_those_of_the_convolutions_of_their_side(size):
    model = unet(encoder={"kernel_size": size})
    assert {conv.kernel_size for conv in all_of(parts(model, "encoder"), nn.Conv2d)} == {
        (size, size)
    }
    assert {conv.kernel_size for conv in all_of(model, nn.ConvTranspose2d)} == {(5, 5)}
    model = unet(decoder={"kernel_size": size})
    assert {conv.kernel_size for conv in all_of(model, nn.ConvTranspose2d)} == {(size, size)}
    assert {conv.kernel_size for conv in all_of(parts(model, "encoder"), nn.Conv2d)} == {(5, 5)}


def test_down_chooses_how_resolution_is_halved():
    conv, pooled, decimated = (
        unet(encoder={"down": way}) for way in ("conv", "maxpool", "decimate")
    )
    strides = [layer.stride for layer in all_of(parts(conv, "encoder"), nn.Conv2d)]
    assert strides == [(2, 2), (2, 2)]
    assert len(all_of(pooled, nn.MaxPool2d)) == 2
    assert len(all_of(decimated, Decimate)) == 2
    for model in (pooled, decimated):
        assert {layer.stride for layer in all_of(parts(model, "encoder"), nn.Conv2d)} == {(1, 1)}


def test_up_chooses_how_resolution_is_doubled():
    transposed, upsampled = (unet(decoder={"up": way}) for way in ("transposed", "upsample"))
    assert len(all_of(transposed, nn.ConvTranspose2d)) == 2
    assert len(all_of(transposed, nn.Upsample)) == 0
    assert len(all_of(upsampled, nn.ConvTranspose2d)) == 0
    assert len(all_of(upsampled, nn.Upsample)) == 2


@pytest.mark.parametrize("leak", [0.0, 0.2, 1.0])
def test_leak_is_the_slope_of_the_encoder(leak):
    slopes = [layer.negative_slope for layer in all_of(unet(encoder={"leak": leak}), nn.LeakyReLU)]
    assert slopes == [leak, leak]


@pytest.mark.parametrize("number", [0, 1, 2, 9])
def test_num_dropouts_counts_decoder_levels_from_the_bottleneck(number):
    model = unet(max_layers=4, num_dropouts=number, decoder={"dropout": 0.3, "block_layers": 2})
    shares = [[d.p for d in all_of(level, nn.Dropout)] for level in parts(model, "decoder")]
    assert shares == [[0.3]] * min(number, 4) + [[]] * max(0, 4 - number)


def test_without_skips_the_decoder_sees_the_level_below_only():
    with_skips, without = (unet(max_layers=3, skip_connections=skip) for skip in (True, False))
    sources = [
        [layer.in_channels for layer in all_of(model, nn.ConvTranspose2d)]
        for model in (with_skips, without)
    ]
    # Features of the levels: 4, 8, 16. With skips each level but the first takes twice as many.
    assert sources == [[16, 16, 8], [16, 8, 4]]


ACTIVATIONS = {
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "relu": lambda x: x.clamp(0, 1),
    "tanh": lambda x: x.tanh().clamp(0, 1),
    "hardtanh": lambda x: x.clamp(0, 1),
    "softmax": lambda x: x.exp() / x.exp().sum(1, keepdim=True),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_mask_activation_is_the_function_it_names_held_between_0_and_1(name):
    model = unet(targets=3, mask_activation=name)
    features = torch.linspace(-3, 3, 3 * 5 * 7).reshape(1, 3, 1, 5, 7)
    mask: Tensor = model.get_submodule("mask")(features)
    assert torch.allclose(mask, ACTIVATIONS[name](features), atol=1e-6)
    assert mask.ge(0).all()
    assert mask.le(1).all()


@torch.no_grad()
@pytest.mark.parametrize("targets", [2, 3])
def test_masks_by_softmax_share_out_the_whole_mixture(targets):
    model = unet(targets=targets, channels=2, mask_activation="softmax").eval()
    mixture = torch.randn(2, 2, 1500)
    assert torch.allclose(model(mixture).sum(1), mixture, atol=1e-5)


def test_a_softmax_over_one_target_is_refused():
    with pytest.raises(ModelError, match="softmax and there is one target"):
        unet(targets=1, mask_activation="softmax")


@torch.no_grad()
def test_input_norm_makes_the_network_hear_a_loud_song_as_a_soft_one():
    mixture = torch.randn(4, 1, 4000)

    def hears(model: nn.Module, audio: Tensor) -> Tensor:
        heard: list[Tensor] = []
        model.get_submodule("unet").register_forward_pre_hook(
            lambda _, given: heard.append(given[0])
        )
        model(audio)
        return heard[0]

    # Standardised log magnitudes: a factor is an offset that the mean takes out.
    model = unet(input_norm=True)
    assert torch.allclose(
        hears(model, mixture), hears(unet(input_norm=True), 8 * mixture), atol=1e-3
    )
    features = hears(model, mixture)
    # A batch norm leaves each bin with mean 0 and variance 1.
    assert features.mean((0, 1, 3)).abs().max() < 1e-3
    assert (features.var((0, 1, 3), unbiased=False) - 1).abs().max() < 1e-2
    plain = unet(input_norm=False)
    assert torch.allclose(
        hears(plain, 8 * mixture), 8 * hears(unet(input_norm=False), mixture), rtol=1e-4
    )


def test_output_norm_adds_a_scale_and_an_offset_for_each_bin():
    counts = [sum(p.numel() for p in unet(output_norm=norm).parameters()) for norm in (True, False)]
    # Half of a transform of 128 is 64 bins, each with two numbers.
    assert counts[0] - counts[1] == 2 * 64


@torch.no_grad()
def test_the_direct_task_can_answer_what_the_mixture_does_not_hold():
    louder = {}
    for task in ("direct", "mask"):
        model = create("unet", channels=1, **{**TINY, "task": task})
        all_of(model, nn.ConvTranspose2d)[-1].bias.fill_(100.0)
        mixture = 0.01 * torch.randn(1, 1, 2000)
        values = model.estimate(mixture).values
        louder[task] = bool((values[0] > model.reference(mixture[:, None])[0]).any())
    assert louder == {"direct": True, "mask": False}


@pytest.mark.parametrize("side", ["encoder", "decoder"])
@pytest.mark.parametrize("size", [2, 4, 0, -1])
def test_a_kernel_without_a_centre_is_refused(side, size):
    keys: dict[str, Any] = {side: {"kernel_size": size}}
    with pytest.raises(ConfigError, match=rf"{side}\.kernel-size is {size}, but must be"):
        create("unet", **keys)


@pytest.mark.parametrize(("num_fft", "largest"), [(128, 6), (96, 5), (1024, 9), (4, 1)])
def test_a_depth_the_spectrum_cannot_hold_names_the_largest_that_fits(num_fft, largest):
    # Half the transform is the number of bins; 64 bins can be halved six times, 48 five times and a bit.
    shape = {"num_fft": num_fft, "window_size": num_fft, "hop_length": num_fft // 2}
    with pytest.raises(
        ModelError, match=rf"max-layers is {largest + 1}, .* max-layers to {largest} or less"
    ):
        unet(max_layers=largest + 1, init_features=1, **shape)
    model = unet(max_layers=largest, init_features=1, **shape).eval()
    with torch.no_grad():
        assert model(torch.randn(1, 1, 50)).shape == (1, 1, 1, 50)


def test_the_keys_given_are_never_changed():
    encoder = {"kernel_size": 3}
    unet(encoder=encoder)
    assert encoder == {"kernel_size": 3}
