"""Each key of Open-Unmix changes in the network what it names, and impossible values are refused."""

from typing import Any

import pytest
import torch
from torch import nn

from auralflow.config import Layer, parameters_of, resolve
from auralflow.errors import ConfigError, ModelError
from auralflow.models import create
from auralflow.models.base import Separator
from auralflow.models.catalogue import find_architecture
from auralflow.models.layers.variational import Variational
from auralflow.models.openunmix.config import OpenUnmixConfig

TINY: dict[str, Any] = {
    "init_features": 8,
    "sample_rate": 8000,
    "num_fft": 128,
    "window_size": 128,
    "hop_length": 32,
}
BINS = 65
TARGETS = ("vocals", "drums", "bass")


def openunmix(*, targets: int = 1, channels: int = 1, **keys: Any) -> Separator:
    return create("openunmix", targets=TARGETS[:targets], channels=channels, **{**TINY, **keys})


def core(model: Separator, name: str = "vocals") -> Any:
    return model.get_submodule(f"target_models.{name}")


def config_of(*places: dict[str, Any]) -> OpenUnmixConfig:
    return resolve(
        OpenUnmixConfig, [Layer(f"place {number}", keys) for number, keys in enumerate(places)]
    ).value


def test_the_defaults_are_those_of_the_table():
    defaults = {parameter.key: parameter.default for parameter in parameters_of(OpenUnmixConfig)}
    table = {
        "base-model": "openunmix",
        "task": "mask",
        "domain": "spectrogram",
        "max-layers": 3,
        "init-features": 512,
        "bottleneck.type": "lstm",
        "bottleneck.layers": 3,
        "bottleneck.variational": False,
        "skip-connections": True,
        "mask-activation": "relu",
        "input-norm": True,
        "output-norm": True,
    }
    assert {key: defaults[key] for key in table} == table
    assert find_architecture("OpenUnmix") is find_architecture("openunmix")


@pytest.mark.parametrize(
    "key",
    [
        {"encoder": {"kernel_size": 5}},
        {"decoder": {"dropout": 0.5}},
        {"num_dropouts": 3},
        {"filter_bank": {"size": 16}},
    ],
)
def test_keys_of_convolutional_levels_do_not_exist(key):
    with pytest.raises(ConfigError, match="is not a key here"):
        openunmix(**key)


def test_the_audio_domain_is_refused():
    with pytest.raises(ConfigError, match="domain is audio, but must be one of spectrogram"):
        openunmix(domain="audio")


@pytest.mark.parametrize("layers", [1, 2, 4])
@pytest.mark.parametrize("keys", ["max_layers", "bottleneck", "both"])
def test_max_layers_and_bottleneck_layers_are_one_number(layers, keys):
    given = {"max_layers": layers, "bottleneck": {"layers": layers}}
    model = openunmix(**(given if keys == "both" else {keys: given[keys]}))
    assert core(model).lstm.num_layers == layers
    config = model.config
    assert isinstance(config, OpenUnmixConfig)
    assert (config.max_layers, config.bottleneck.layers) == (layers, layers)


def test_a_later_place_that_sets_one_of_them_changes_both():
    places: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"max-layers": 2}, {"bottleneck": {"layers": 5}}),
        ({"bottleneck": {"layers": 2}}, {"max-layers": 5}),
        ({"max-layers": 2, "bottleneck": {"layers": 2}}, {"max-layers": 5}),
    ]
    for first, second in places:
        config = config_of(first, second)
        assert (config.max_layers, config.bottleneck.layers) == (5, 5)


def test_two_numbers_of_layers_are_refused():
    with pytest.raises(
        ConfigError,
        match=r"max-layers is 2, but must be the same number as bottleneck\.layers, which is 4",
    ):
        openunmix(max_layers=2, bottleneck={"layers": 4})


def test_without_layers_over_time_each_frame_is_on_its_own():
    model = openunmix(max_layers=0).eval()
    values = [
        core(model)(magnitudes).features
        for frames in [torch.rand(5, 2, 1, BINS)]
        for magnitudes in (frames, frames.flip(0))
    ]
    assert torch.allclose(values[0], values[1].flip(0), atol=1e-6)
    assert core(model).lstm is None


@pytest.mark.parametrize("features", [4, 16])
def test_init_features_is_the_size_of_every_hidden_layer(features):
    part = core(openunmix(init_features=features))
    assert part.fc1.out_features == part.fc2.out_features == part.fc3.in_features == features
    # Two directions share them.
    assert part.lstm.hidden_size == features // 2
    assert part.fc2.in_features == 2 * features


def test_convolutions_stand_in_place_of_the_lstm():
    part = core(openunmix(bottleneck={"type": "conv"}))
    assert part.lstm is None
    for kind, number in [(nn.Conv1d, 3), (nn.BatchNorm1d, 3), (nn.ReLU, 3)]:
        assert sum(isinstance(layer, kind) for layer in part.conv.modules()) == number
    convolutions = [layer for layer in part.conv.modules() if isinstance(layer, nn.Conv1d)]
    assert {(conv.in_channels, conv.out_channels, conv.kernel_size) for conv in convolutions} == {
        (8, 8, (3,))
    }


@torch.no_grad()
@pytest.mark.parametrize("kind", ["lstm", "conv"])
def test_unidirectional_layers_know_nothing_of_the_future(kind):
    magnitudes = torch.rand(9, 1, 1, BINS)
    later = magnitudes.clone()
    later[6:] = torch.rand(3, 1, 1, BINS)
    differs = {}
    for unidirectional in (True, False):
        model = openunmix(bottleneck={"type": kind}, unidirectional=unidirectional).eval()
        before, after = (core(model)(given).features[:6] for given in (magnitudes, later))
        differs[unidirectional] = not torch.allclose(before, after, atol=1e-6)
    assert differs == {True: False, False: True}
    assert core(openunmix(unidirectional=True)).lstm.hidden_size == 8


@pytest.mark.parametrize("share", [0.0, 0.4, 0.7])
def test_dropout_is_that_between_recurrent_layers(share):
    assert core(openunmix(dropout=share)).lstm.dropout == share
    assert core(openunmix(dropout=share, max_layers=1)).lstm.dropout == 0


def test_without_skips_only_what_ran_over_time_goes_on():
    assert core(openunmix(skip_connections=False)).fc2.in_features == 8


@torch.no_grad()
def test_a_variational_bottleneck_draws_in_training_only_and_is_weighted_and_summed():
    keys: dict[str, Any] = {"dropout": 0.0, "targets": 2}
    mixture = torch.randn(2, 1, 1000)
    model = openunmix(bottleneck={"variational": True, "kl_weight": 0.5}, **keys)
    assert isinstance(core(model).variational, Variational)
    values = [model.estimate(mixture).values for _ in range(2)]
    assert not torch.equal(*values)
    model.eval()
    estimates = [model.estimate(mixture) for _ in range(2)]
    assert torch.equal(estimates[0].values, estimates[1].values)
    heard = model.reference(mixture.unsqueeze(1))[:, 0].permute(3, 0, 1, 2)
    apart = sum(core(model, name)(heard).divergence for name in TARGETS[:2])
    assert torch.allclose(estimates[0].penalties["kl"], apart)
    heavier = openunmix(bottleneck={"variational": True, "kl_weight": 1.0}, **keys).eval()
    heavier.load_state_dict(model.state_dict())
    assert torch.allclose(heavier.estimate(mixture).penalties["kl"], 2 * apart)
    assert openunmix().estimate(mixture).penalties == {}


ACTIVATIONS = {
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "relu": lambda x: x.clamp(min=0),
    "tanh": lambda x: x.tanh().clamp(min=0),
    "hardtanh": lambda x: x.clamp(0, 1),
    "softmax": lambda x: x.exp() / x.exp().sum(1, keepdim=True),
}


@torch.no_grad()
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_mask_activation_is_the_function_it_names_and_never_negative(name):
    model = openunmix(targets=3, mask_activation=name).eval()
    for part in TARGETS:
        # Values well above one and below zero.
        core(model, part).output_scale.fill_(4.0)
        core(model, part).output_mean.fill_(0.5)
    mixture = torch.randn(2, 1, 1000)
    heard = model.reference(mixture.unsqueeze(1))
    features = torch.stack(
        [
            core(model, part)(heard[:, 0].permute(3, 0, 1, 2)).features.permute(1, 2, 3, 0)
            for part in TARGETS
        ],
        dim=1,
    )
    assert features.max() > 1.5
    assert features.min() < -0.5
    values = model.estimate(mixture).values
    assert torch.allclose(values, ACTIVATIONS[name](features) * heard, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_the_direct_task_s_output_is_the_magnitude_itself():
    mixture = 0.001 * torch.randn(1, 1, 1000)
    values = {}
    for task in ("mask", "direct"):
        model = openunmix(task=task).eval()
        core(model).output_scale.zero_()
        core(model).output_mean.fill_(3.0)
        values[task] = model.estimate(mixture).values
    assert torch.allclose(values["mask"], 3 * model.reference(mixture.unsqueeze(1)))
    assert values["direct"].eq(3).all()


@torch.no_grad()
def test_input_norm_is_an_offset_and_then_a_scale_for_each_bin():
    model = openunmix(channels=2).eval()
    part = core(model)
    part.input_mean.copy_(torch.linspace(-1, 1, BINS))
    part.input_scale.copy_(torch.linspace(0.5, 2, BINS))
    plain = openunmix(channels=2, input_norm=False).eval()
    rest = plain.load_state_dict(model.state_dict(), strict=False)
    assert [key.rsplit(".")[-1] for key in rest.unexpected_keys] == ["input_mean", "input_scale"]
    magnitudes = torch.rand(5, 2, 2, BINS)
    scaled = (magnitudes + part.input_mean) * part.input_scale
    assert torch.allclose(
        part(magnitudes).features, core(plain)(scaled).features, rtol=1e-4, atol=1e-5
    )


@torch.no_grad()
@pytest.mark.parametrize("training", [True, False])
def test_output_norm_is_a_scale_and_then_an_offset_for_each_bin(training):
    model = openunmix(channels=2, dropout=0.0).train(training)
    part = core(model)
    part.output_mean.copy_(torch.linspace(-1, 1, BINS))
    part.output_scale.copy_(torch.linspace(0.5, 2, BINS))
    plain = openunmix(channels=2, output_norm=False, dropout=0.0).train(training)
    plain.load_state_dict(model.state_dict(), strict=False)
    magnitudes = torch.rand(5, 2, 2, BINS)
    expected = core(plain)(magnitudes).features * part.output_scale + part.output_mean
    assert torch.allclose(part(magnitudes).features, expected, rtol=1e-4, atol=1e-5)
    assert part.bn3.num_batches_tracked == int(training)
    assert torch.allclose(part.bn3.running_mean, core(plain).bn3.running_mean, atol=1e-6)


@torch.no_grad()
def test_bandwidth_is_what_the_network_hears_but_not_what_it_answers():
    # 62.5 Hz a bin: 1000 Hz is bin 16.
    model = openunmix(bandwidth=1000.0).eval()
    assert core(model).input_mean.numel() == 17
    assert core(model).output_mean.numel() == BINS
    magnitudes = torch.rand(5, 1, 1, BINS)
    above = magnitudes.clone()
    above[..., 17:] = 0
    part = core(model)
    assert torch.equal(part(magnitudes).features, part(above).features)
    assert core(openunmix(bandwidth=1e6)).input_mean.numel() == BINS


@torch.no_grad()
def test_keys_of_the_wiener_filter_change_the_audio_and_not_the_estimate():
    torch.manual_seed(0)
    plain = openunmix(targets=3, channels=2).eval()
    mixture = torch.randn(1, 2, 3000)
    values, stems = plain.estimate(mixture).values, plain(mixture)
    for keys in (
        {"iterations": 0},
        {"iterations": 2},
        {"softmask": True},
        {"residual": True},
        {"window": 10},
    ):
        model = openunmix(targets=3, channels=2, wiener=keys).eval()
        model.load_state_dict(plain.state_dict())
        assert torch.equal(model.estimate(mixture).values, values)
        filtered = model(mixture)
        assert filtered.shape == stems.shape
        assert (filtered - stems).abs().max() > 1e-3, keys


@torch.no_grad()
def test_one_target_is_filtered_only_against_a_residual():
    torch.manual_seed(0)
    plain = openunmix(channels=2).eval()
    mixture = torch.randn(1, 2, 3000)
    outputs = []
    for keys in (
        {"iterations": 0},
        {"iterations": 3},
        {"iterations": 3, "residual": True},
    ):
        model = openunmix(channels=2, wiener=keys).eval()
        model.load_state_dict(plain.state_dict())
        outputs.append(model(mixture))
    assert outputs[2].shape == (1, 1, 2, 3000)
    assert torch.equal(outputs[0], outputs[1])
    assert not torch.allclose(outputs[1], outputs[2], atol=1e-3)


def test_a_soft_mask_of_one_target_is_refused():
    with pytest.raises(ModelError, match=r"wiener\.softmask is true and there is one target"):
        openunmix(wiener={"softmask": True})


def test_an_odd_number_of_features_cannot_be_shared_by_two_directions():
    with pytest.raises(ModelError, match="init-features is 7, which two directions"):
        openunmix(init_features=7)
    assert core(openunmix(init_features=7, unidirectional=True)).lstm.hidden_size == 7
    assert core(openunmix(init_features=7, bottleneck={"type": "conv"})).lstm is None


@torch.no_grad()
def test_more_than_two_channels_are_filtered_too():
    model = openunmix(targets=2, channels=3, wiener={"residual": True}).eval()
    stems = model(torch.randn(2, 3, 1500))
    assert stems.shape == (2, 2, 3, 1500)
    assert stems.isfinite().all()


def test_levels_are_the_layers_and_each_is_called():
    model = openunmix(targets=2)
    assert [name for name, _ in model.levels()] == [
        f"{target}: {layer}" for target in TARGETS[:2] for layer in ("fc1", "lstm", "fc2", "fc3")
    ]
    called: list[nn.Module] = []

    def note(module: nn.Module, _given: Any, _answer: Any) -> None:
        called.append(module)

    for _, layer in model.levels():
        layer.register_forward_hook(note)
    model(torch.randn(1, 1, 1000))
    assert called == [layer for _, layer in model.levels()]


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        ("bandwidth", {"bandwidth": 0.0}),
        ("dropout", {"dropout": 1.0}),
        ("init-features", {"init_features": 0}),
        ("max-layers", {"max_layers": -1}),
        ("mask-activation", {"mask_activation": "softplus"}),
        ("bottleneck.type", {"bottleneck": {"type": "gru"}}),
        ("wiener.iterations", {"wiener": {"iterations": -1}}),
        ("wiener.window", {"wiener": {"window": -1}}),
    ],
)
def test_values_out_of_range_are_refused_by_the_name_of_their_key(key, keys):
    with pytest.raises(ConfigError, match=f"{key} is .*, but must be"):
        openunmix(**keys)
