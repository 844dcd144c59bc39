"""Each key of a U-Net's levels changes in the network what it names, in both domains, and impossible values are refused.

The keys of what lies around the levels are in `test_unet_ends`.
"""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from auralflow.errors import ConfigError, ModelError
from auralflow.models import Separator, create
from auralflow.models.lists.layers import Decimate
from auralflow.models.lists.sequence import Recurrent
from tests.models.networks import TARGETS, TINY

DOMAINS = ("spectrogram", "audio")
CONVOLUTION = {"spectrogram": nn.Conv2d, "audio": nn.Conv1d}
TRANSPOSED = {"spectrogram": nn.ConvTranspose2d, "audio": nn.ConvTranspose1d}
MAXIMUM = {"spectrogram": nn.MaxPool2d, "audio": nn.MaxPool1d}


@pytest.fixture(params=DOMAINS)
def domain(request) -> Any:
    return request.param


def unet(domain: str, *, targets: int = 1, channels: int = 1, **keys: Any) -> Separator:
    keys = {**TINY, "domain": domain, **keys}
    return create("unet", targets=TARGETS[:targets], channels=channels, **keys)


def all_of(module: nn.Module, kind: type[nn.Module]) -> list[Any]:
    return [part for part in module.modules() if isinstance(part, kind)]


def parts(model: nn.Module, name: str) -> Any:
    return model.get_submodule(f"unet.{name}")


def widths(model: nn.Module, kind: type[nn.Module]) -> list[tuple[int, int]]:
    return [(layer.in_channels, layer.out_channels) for layer in all_of(model, kind)]


def sides(domain: str, *numbers: int) -> set[tuple[int, ...]]:
    """Kernels and strides as the convolutions of a domain have them."""
    return {(number,) * (2 if domain == "spectrogram" else 1) for number in numbers}


def test_the_domain_is_the_kind_of_all_convolutions(domain):
    other = next(name for name in DOMAINS if name != domain)
    model = unet(domain)
    assert len(all_of(model, CONVOLUTION[domain])) == len(all_of(model, TRANSPOSED[domain])) == 2
    assert all_of(model, CONVOLUTION[other]) == all_of(model, TRANSPOSED[other]) == []


def test_max_layers_is_the_number_of_levels_on_either_side(domain):
    for depth in (1, 2, 5):
        model = unet(domain, max_layers=depth)
        assert (len(parts(model, "encoder")), len(parts(model, "decoder"))) == (depth, depth)


def test_each_encoder_level_halves_the_resolution_and_doubles_the_features(domain):
    model = unet(domain, max_layers=3, init_features=4).eval()
    features = torch.zeros(1, 1, 64, 32) if domain == "spectrogram" else torch.zeros(1, 1, 32)
    shapes = []
    for level in parts(model, "encoder"):
        features, skip = level(features)
        # A strided convolution has no other resolution to hand over.
        assert skip is features
        shapes.append(tuple(features.shape[1:]))
    if domain == "spectrogram":
        assert shapes == [(4, 32, 16), (8, 16, 8), (16, 8, 4)]
    else:
        assert shapes == [(4, 16), (8, 8), (16, 4)]


@pytest.mark.parametrize(
    ("growth", "expected"),
    [("double", [(1, 3), (3, 6), (6, 12), (12, 24)]), ("add", [(1, 3), (3, 6), (6, 9), (9, 12)])],
)
def test_init_features_are_those_of_the_first_level_from_which_growth_goes_on(
    domain, growth, expected
):
    model = unet(domain, max_layers=4, init_features=3, growth=growth)
    assert widths(parts(model, "encoder"), CONVOLUTION[domain]) == expected


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_bottleneck_layers_stand_between_encoder_and_decoder(domain, layers):
    bottleneck = parts(unet(domain, bottleneck={"layers": layers}), "bottleneck")
    # Two levels of 4 and 8 features.
    assert widths(bottleneck, CONVOLUTION[domain]) == [(8, 8)] * layers
    # Each with the encoder's norm and activation.
    assert len(all_of(bottleneck, nn.LeakyReLU)) == layers


@pytest.mark.parametrize(("keys", "layers"), [({}, 1), ({"layers": 1}, 1), ({"layers": 3}, 3)])
def test_bottleneck_type_lstm_without_a_number_means_one_layer(domain, keys, layers):
    model = unet(domain, bottleneck={"type": "lstm", **keys})
    assert type(model).__name__.startswith("UNetRecurrent")
    (recurrent,) = parts(model, "bottleneck").layers
    assert isinstance(recurrent, Recurrent)
    assert (recurrent.cells.num_layers, recurrent.cells.bidirectional) == (layers, True)
    # 64 bins halved twice are 16, of 8 features each: a frame is one vector.
    assert recurrent.cells.input_size == (8 * 16 if domain == "spectrogram" else 8)


def test_no_lstm_stands_where_its_number_is_0(domain):
    model = unet(domain, bottleneck={"type": "lstm", "layers": 0})
    assert all_of(model, nn.LSTM) == []
    assert not type(model).__name__.startswith("UNetRecurrent")


def test_a_type_of_conv_without_a_number_means_one_layer_too(domain):
    bottleneck = parts(unet(domain, bottleneck={"type": "conv"}), "bottleneck")
    assert widths(bottleneck, CONVOLUTION[domain]) == [(8, 8)]


@torch.no_grad()
@pytest.mark.parametrize("bottleneck", [{}, {"type": "lstm", "layers": 2}, {"layers": 1}])
def test_a_variational_bottleneck_is_random_in_training_and_certain_in_eval(domain, bottleneck):
    mixture = torch.randn(2, 1, 1000)
    model = unet(domain, num_dropouts=0, bottleneck={**bottleneck, "variational": True})
    assert type(model).__name__.startswith("UNetVAE")
    assert not torch.equal(model(mixture), model(mixture))
    model.eval()
    assert torch.equal(model(mixture), model(mixture))
    # It stands at the end, after the layers that type and layers ask for.
    kinds = [type(layer).__name__ for layer in parts(model, "bottleneck").layers]
    assert kinds.index("Variational") == len(kinds) - 1
    assert ("Recurrent" in kinds) == (bottleneck.get("type") == "lstm")
    assert set(model.estimate(mixture).penalties) == {"kl"}


@torch.no_grad()
def test_kl_weight_is_the_factor_of_the_divergence(domain):
    mixture = torch.randn(2, 1, 1000)
    penalties = {}
    for weight in (0.0, 0.001, 0.1):
        torch.manual_seed(0)
        model = unet(domain, bottleneck={"variational": True, "kl_weight": weight}).eval()
        penalties[weight] = float(model.estimate(mixture).penalties["kl"])
    assert penalties[0.0] == 0
    # A fresh network gives each feature a variance of e⁻⁴: ½ (m² + e⁻⁴ + 4 - 1) is above 1.5.
    assert penalties[0.001] > 1.5 * 0.001
    assert penalties[0.1] == pytest.approx(100 * penalties[0.001], rel=1e-5)


def test_without_a_variational_bottleneck_there_is_no_divergence(domain):
    assert unet(domain).eval().estimate(torch.randn(1, 1, 500)).penalties == {}


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("ways", [("conv", "transposed"), ("maxpool", "upsample")])
def test_block_layers_is_the_number_of_convolutions_in_a_level(domain, layers, ways):
    down, up = ways
    model = unet(
        domain,
        encoder={"block_layers": layers, "down": down},
        decoder={"block_layers": layers, "up": up},
    )
    for level in [*parts(model, "encoder"), *parts(model, "decoder")]:
        kinds = (CONVOLUTION[domain], TRANSPOSED[domain])
        assert sum(len(all_of(level, kind)) for kind in kinds) == layers


def test_the_last_convolution_of_a_level_halves_and_the_first_doubles(domain):
    model = unet(domain, encoder={"block_layers": 3}, decoder={"block_layers": 3})
    one, two = [*sides(domain, 1)], [*sides(domain, 2)]
    for level in parts(model, "encoder"):
        assert [layer.stride for layer in all_of(level, CONVOLUTION[domain])] == one * 2 + two
    for level in parts(model, "decoder"):
        layers = [*level.after]
        assert (type(layers[0]), [layers[0].stride]) == (TRANSPOSED[domain], two)


@pytest.mark.parametrize("size", [1, 3, 7])
def test_kernel_sizes_are_those_of_the_convolutions_of_their_side(domain, size):
    def kernels(model: nn.Module, kind: type[nn.Module]) -> set[tuple[int, ...]]:
        return {conv.kernel_size for conv in all_of(model, kind)}

    conv, transposed = CONVOLUTION[domain], TRANSPOSED[domain]
    model = unet(domain, encoder={"kernel_size": size}, bottleneck={"layers": 1})
    assert kernels(model, conv) == sides(domain, size)
    assert kernels(model, transposed) == sides(domain, 5)
    model = unet(domain, decoder={"kernel_size": size})
    assert kernels(model, transposed) == sides(domain, size)
    assert kernels(model, conv) == sides(domain, 5)
    model = unet(domain, decoder={"kernel_size": size, "up": "upsample"})
    assert kernels(parts(model, "decoder"), conv) == sides(domain, size)


def test_down_chooses_how_resolution_is_halved(domain):
    conv, pooled, decimated = (
        unet(domain, encoder={"down": way}) for way in ("conv", "maxpool", "decimate")
    )
    strides = [layer.stride for layer in all_of(parts(conv, "encoder"), CONVOLUTION[domain])]
    assert strides == [*sides(domain, 2)] * 2
    assert (len(all_of(pooled, MAXIMUM[domain])), len(all_of(pooled, Decimate))) == (2, 0)
    assert (len(all_of(decimated, MAXIMUM[domain])), len(all_of(decimated, Decimate))) == (0, 2)
    for model in (pooled, decimated):
        encoder = all_of(parts(model, "encoder"), CONVOLUTION[domain])
        assert {layer.stride for layer in encoder} == sides(domain, 1)


def test_up_chooses_how_resolution_is_doubled(domain):
    transposed, upsampled = (
        unet(domain, decoder={"up": way}) for way in ("transposed", "upsample")
    )
    assert len(all_of(transposed, TRANSPOSED[domain])) == 2
    assert len(all_of(transposed, nn.Upsample)) == 0
    assert len(all_of(upsampled, TRANSPOSED[domain])) == 0
    assert len(all_of(upsampled, nn.Upsample)) == 2


@pytest.mark.parametrize("leak", [0.0, 0.2, 1.0])
def test_leak_is_the_slope_of_the_encoder(domain, leak):
    model = unet(domain, encoder={"leak": leak, "block_layers": 2})
    slopes = [layer.negative_slope for layer in all_of(model, nn.LeakyReLU)]
    assert slopes == [leak] * 4


@pytest.mark.parametrize("number", [0, 1, 2, 9])
def test_num_dropouts_counts_decoder_levels_from_the_bottleneck(domain, number):
    keys = {"dropout": 0.3, "block_layers": 2}
    model = unet(domain, max_layers=4, num_dropouts=number, decoder=keys)
    shares = [[d.p for d in all_of(level, nn.Dropout)] for level in parts(model, "decoder")]
    assert shares == [[0.3]] * min(number, 4) + [[]] * max(0, 4 - number)


def test_without_skips_the_decoder_sees_the_level_below_only(domain):
    sources = [
        [source for source, _ in widths(model, TRANSPOSED[domain])]
        for model in (unet(domain, max_layers=3, skip_connections=skip) for skip in (True, False))
    ]
    # Features of the levels: 4, 8, 16. With skips each level but the first takes twice as many.
    assert sources == [[16, 16, 8], [16, 8, 4]]


@torch.no_grad()
@pytest.mark.parametrize("down", ["conv", "maxpool"])
@pytest.mark.parametrize("skips", [True, False])
def test_skips_and_nothing_else_carry_the_encoder_past_the_bottleneck(domain, down, skips):
    keys: dict[str, Any] = {"encoder": {"down": down}, "decoder": {"block_layers": 2}}
    model = unet(domain, max_layers=3, skip_connections=skips, **keys).eval()
    for weights in parts(model, "encoder")[-1].parameters():
        weights.zero_()
    shape = (1, 1, 64, 32) if domain == "spectrogram" else (1, 1, 64)
    levels = model.get_submodule("unet")
    answers: list[Tensor] = [levels(torch.randn(shape))[0] for _ in range(2)]
    # With the deepest level silenced, all that tells one input from another comes over the skips.
    assert torch.equal(*answers) == (not skips)


@pytest.mark.parametrize("side", ["encoder", "decoder"])
@pytest.mark.parametrize("size", [2, 4, 0, -1])
def test_a_kernel_without_a_centre_is_refused(domain, side, size):
    keys: dict[str, Any] = {side: {"kernel_size": size}}
    with pytest.raises(ConfigError, match=rf"{side}\.kernel-size is {size}, but must be"):
        unet(domain, **keys)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max-layers", 0),
        ("init-features", -1),
        ("growth", "squared"),
        ("bottleneck.type", "gru"),
        ("bottleneck.layers", -1),
        ("bottleneck.variational", 1),
        ("bottleneck.kl-weight", -0.1),
        ("encoder.down", "avgpool"),
        ("encoder.leak", 1.5),
        ("encoder.block-layers", 0),
        ("decoder.up", "conv"),
        ("decoder.dropout", 2),
        ("num-dropouts", -1),
        ("skip-connections", "yes"),
        ("mask-activation", "gelu"),
        ("task", "both"),
        ("domain", "video"),
        ("filter-bank.filters", 0),
        ("filter-bank.size", 1),
    ],
)
def test_a_value_that_the_table_does_not_have_is_refused_by_its_key(key, value):
    with pytest.raises(ConfigError, match=f"^create: {key} is .*, but must be"):
        create("unet", **{key: value})


@pytest.mark.parametrize(("num_fft", "largest"), [(128, 6), (96, 5), (1024, 9), (4, 1)])
def test_a_depth_the_spectrum_cannot_hold_names_the_largest_that_fits(num_fft, largest):
    # Half the transform is the number of bins; 64 bins can be halved six times, 48 five times and a bit.
    shape = {"num_fft": num_fft, "window_size": num_fft, "hop_length": num_fft // 2}
    with pytest.raises(
        ModelError, match=rf"max-layers is {largest + 1}, .* max-layers to {largest} or less"
    ):
        unet("spectrogram", max_layers=largest + 1, init_features=1, **shape)
    model = unet("spectrogram", max_layers=largest, init_features=1, **shape).eval()
    with torch.no_grad():
        assert model(torch.randn(1, 1, 50)).shape == (1, 1, 1, 50)


@pytest.mark.parametrize(
    ("task", "places"), [("direct", "800 samples"), ("mask", "101 filter positions")]
)
def test_a_depth_the_chunk_cannot_hold_names_the_largest_that_fits(task, places):
    # 0.1 s at 8000 Hz are 800 samples, more than 2⁹; filters 16 long are 8 apart: 101 positions, more than 2⁶.
    largest = {"direct": 9, "mask": 6}[task]
    keys: dict[str, Any] = {"task": task, "growth": "add", "init_features": 1, "chunk_size": 0.1}
    with pytest.raises(
        ModelError,
        match=rf"max-layers is {largest + 1}, but {places} of a chunk .* to {largest} or less",
    ):
        unet("audio", max_layers=largest + 1, **keys)
    with torch.no_grad():
        model = unet("audio", max_layers=largest, **keys).eval()
        assert model(torch.randn(1, 1, 50)).shape == (1, 1, 1, 50)


def test_the_keys_given_are_never_changed():
    encoder = {"kernel_size": 3}
    unet("spectrogram", encoder=encoder)
    assert encoder == {"kernel_size": 3}
